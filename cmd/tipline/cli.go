package main

import (
	"fmt"

	"tipline/configs"
)

// cli is every subcommand. Names and flags are the contract's.
type cli struct {
	Up        upCmd        `cmd:"" help:"Run everything in one process: site, mail, desk, ledger."`
	Intake    intakeCmd    `cmd:"" help:"Run the public part alone: site, API, hooks, mail. It holds no private key."`
	Desk      deskCmd      `cmd:"" help:"Run the handlers' desk alone."`
	Relay     relayCmd     `cmd:"" help:"Carry events from the outbox to Redis until stopped (runs inside up)."`
	Init      initCmd      `cmd:"" help:"Set a data folder up: keys and the first members."`
	Ledger    ledgerCmd    `cmd:"" help:"The working ledger: follow the queue, take it home, bring it back."`
	Import    importCmd    `cmd:"" help:"Bring in clues and parcels from a sheet."`
	Report    reportCmd    `cmd:"" help:"Write the daily extract, the weekly dispatch or the monthly report."`
	Tip       tipCmd       `cmd:"" help:"What handlers do: key in, list, read, decide, answer, merge."`
	Lookback  lookbackCmd  `cmd:"" help:"Looking at tips again, and after their reporters."`
	Retention retentionCmd `cmd:"" help:"What is kept, held back and destroyed by two."`
	Custody   custodyCmd   `cmd:"" help:"Identities: ask for one, approve, refuse."`
	Dispatch  dispatchCmd  `cmd:"" help:"Answers to phones and mailboxes: list, send, give back. Nobody sees where to."`
	Keys      keysCmd      `cmd:"" help:"Make a recovery key, or export a role's key for use with age."`
	Member    memberCmd    `cmd:"" help:"List, add, restore, disable or enable members."`
	Queue     queueCmd     `cmd:"" help:"Show what waits for the ledger."`
	Audit     auditCmd     `cmd:"" help:"The record of what members did: list it, verify its chain."`
	Doctor    doctorCmd    `cmd:"" help:"Check the installation and reconcile every tip with the ledger."`
	Backup    backupCmd    `cmd:"" help:"Copy everything into one sealed file, while it works."`
	Restore   restoreCmd   `cmd:"" help:"Fill an empty installation from a backup, and prove it whole."`
	Sample    sampleCmd    `cmd:"" help:"Fill an empty installation with invented tips, to try it out."`
	Simulate  simulateCmd  `cmd:"" help:"Play a gateway or a mail server, to try a set-up."`
	Schema    schemaCmd    `cmd:"" help:"Print a JSON Schema of the ledger queue."`

	Version versionCmd `cmd:"" help:"Print the version."`

	CleanPDF cleanPDFCmd `cmd:"" name:"clean-pdf" hidden:""`
}

// place says where an installation lives. It goes with every subcommand.
type place struct {
	Data   string `help:"Folder of the database, the sealed files and the keys." default:"data" env:"TIPLINE_DATA" type:"path" placeholder:"DIR"`
	Config string `help:"Configuration file (YAML). Without one the defaults hold." env:"TIPLINE_CONFIG" type:"path" placeholder:"FILE"`
}

type versionCmd struct{ place }

func (versionCmd) Run(t terminal) error {
	_, err := fmt.Fprintln(t.out, "tipline", version)
	return err
}

type schemaCmd struct {
	place
	Name string `arg:"" optional:"" help:"Event type or tip-add; without one the names are listed."`
}

func (c schemaCmd) Run(t terminal) error {
	if c.Name == "" {
		for _, n := range configs.SchemaNames() {
			fmt.Fprintln(t.out, n)
		}
		return nil
	}
	b, err := configs.Schema(c.Name)
	if err != nil {
		return err
	}
	_, err = t.out.Write(b)
	return err
}
