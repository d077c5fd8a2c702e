package main

import "github.com/spf13/cobra"

func (a *app) relayCommand() *cobra.Command {
	return group("relay", "nodes that hold for a party what it does not take", `A relay is a third party's node that you designate: it takes what peers send you while your node does not answer, and gives it to you when you ask. It
holds it encrypted to you and can read none of it. What it has taken is lodged, and not received.

Yours: link with it as with a peer, then designate it. Your peers learn it from your register, and lodge by themselves.

  verbale relay designate relay.example
  verbale relay status
  verbale relay end relay.example

To be one for others:

  verbale relay serve`,
		a.relayServeCommand(), a.relayDesignateCommand(), a.relayEndCommand(), a.relayStatusCommand(), a.relayLodgeCommand(), a.relayCollectCommand(),
		a.relayProveCommand())
}
