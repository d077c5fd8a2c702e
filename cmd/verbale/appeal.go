package main

import "github.com/spf13/cobra"

func (a *app) appealCommand() *cobra.Command {
	return group("appeal", "send appeals, see where they stand, reply", `An appeal is a signed record that asks another authority for something. What follows it are records too:

  received      the peer's node holds it durably; a machine says so
  acknowledged  an officer there has it; that is not agreement
  answered, refused, withdrawn

  verbale appeal send borea.example --kind clarify …
  verbale appeal list --turn ours
  verbale appeal show borea.example#3
  verbale appeal ack borea.example#3`,
		a.appealSendCommand(), a.appealListCommand(), a.appealShowCommand(),
		a.appealAckCommand(), a.appealAnswerCommand(), a.appealRefuseCommand(), a.appealWithdrawCommand())
}
