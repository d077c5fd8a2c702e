package main

import (
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"verbale/internal/node"
)

// outputFile is -o FILE.
type outputFile struct {
	path  string
	force bool
}

func (o *outputFile) flags(c *cobra.Command) {
	c.Flags().StringVarP(&o.path, "output", "o", "", "`FILE` to write; - is standard output")
	c.Flags().BoolVar(&o.force, "force", false, "replace the file if it exists")
}

// write writes the file, if one was named. "-" is standard output.
func (o *outputFile) write(a *app, content []byte) error {
	switch o.path {
	case "":
		return nil
	case "-":
		_, err := a.Stdout.Write(content)
		return err
	}
	mode := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if o.force {
		mode = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(o.path, mode, 0o644) // #nosec G302 -- made to be handed on
	if errors.Is(err, fs.ErrExist) {
		return problem(node.Conflict, "choose another name, or use --force", "%s exists", o.path)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}
