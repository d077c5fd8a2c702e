package main

import "github.com/spf13/cobra"

func (a *app) appealCommand() *cobra.Command {
	return group("appeal", "send appeals, see where they stand, reply", `An appeal is a signed record that asks another authority for something. What follows it are records too: moves, by the addressee or by
the author. None of them says more than it says: a receipt (a machine holds it) is no acknowledgement (an officer has it), that is no acceptance (we will act), and
that is no agreement with what the appeal says.

To ask, and to see:
  verbale appeal kinds                       what can be asked
  verbale appeal send borea.example --kind clarify …
  verbale appeal due                         what is our turn, by when
  verbale appeal show borea.example#3

To move a case:
  the addressee  ack redirect incomplete accept postpone progress answer refuse
  the author     supplement agree decline correct escalate close dispute
                 supersede withdraw`,
		a.appealKindsCommand(), a.appealSendCommand(), a.appealDueCommand(), a.appealListCommand(), a.appealShowCommand(),
		a.appealAckCommand(), a.appealRedirectCommand(), a.appealIncompleteCommand(), a.appealAcceptCommand(), a.appealPostponeCommand(), a.appealProgressCommand(),
		a.appealAnswerCommand(), a.appealRefuseCommand(),
		a.appealSupplementCommand(), a.appealAgreeCommand(), a.appealDeclineCommand(), a.appealCorrectCommand(), a.appealEscalateCommand(),
		a.appealCloseCommand(), a.appealDisputeCommand(), a.appealSupersedeCommand(), a.appealWithdrawCommand())
}
