package main

import "github.com/spf13/cobra"

// topics are pages of help that belong to no command.
func topics() []*cobra.Command {
	return []*cobra.Command{
		exitCodesTopic(),
		{Use: "references", Short: "how records are named", Long: `How records are named, here and in every list:

  borea.example#3       entry 3 of what borea.example wrote to this party
  to:borea.example#3    entry 3 of what this party wrote to borea.example
  borea.example/2#3     the same with its keys of generation 2; without a generation it is 1 (see: verbale keys --help)
  a.example/to/b.example/1#3
                        the same with the full origin of the outbox, as it stands in bundles

The number is the serial number in that outbox: it begins at 0 and has no gaps. In a shell, put quotes around it or
write it as it is: # begins a comment only after a space.

Where a command wants a case, any record of the case names it.`},
		{Use: "folder", Short: "the data folder and the passphrase", Long: `One data folder holds one party. It is, in this order: --dir, $VERBALE_DIR, $XDG_DATA_HOME/verbale,
$HOME/.local/share/verbale.

  keys.age or keys.json   the private keys, encrypted with a passphrase, or readable by their owner only
  keys-new.age, .json     new keys, while "verbale keys" changes them; the next command ends what was cut off
  verbale.db              everything else
  search.db               the decrypted words that "verbale search" looks through; it can be deleted
  config.json             {"listen": "address:port", "witness_policy": "FILE"}: where serve waits for peers, and the policy of the witnesses that date the register (see: verbale register --help); "not_restored": true is the same as --not-restored at every start, "no_search": true as serve --no-search
  PARTY.profile           the profile file, for the peers
  control.sock            the commands' way to a running serve
  lock, created           one process at a time; that a database was made here

A witness has a folder of its own, with witness.key and verbale.db.

The passphrase of keys.age comes from --passphrase-file, else from the file that $VERBALE_PASSPHRASE_FILE names, else from
$CREDENTIALS_DIRECTORY/verbale-passphrase (systemd: LoadCredential=verbale-passphrase:FILE), else it is asked for. While serve runs,
the other commands need no passphrase.

The folder has to be on a local disk: file locks and SQLite do not hold on network file systems.`},
	}
}
