package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"verbale/internal/node"
	"verbale/verdict"
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
		if a.json {
			return usage("--json and -o - cannot both have standard output: name a file, or leave one of them out")
		}
		_, err := a.Stdout.Write(content)
		return err
	}
	_, err := os.Lstat(o.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return create(o.path, content)
	case err != nil:
		return err
	case !o.force:
		return problem(node.Conflict, "choose another name, or use --force", "%s exists", o.path)
	}
	return overwrite(o.path, content)
}

// overwrite writes what a path leads to: a file is replaced, a device or a pipe written to.
func overwrite(path string, content []byte) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Mode().IsRegular() {
		return replace(path, content)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return fill(f, content)
}

// create makes a new file: the whole of it, or none.
func create(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) // #nosec G302 -- made to be handed on
	if err != nil {
		return err
	}
	if err := fill(f, content); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// replace puts a new file in the place of path: until the whole of it is on the disk, the one before stays.
func replace(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".verbale-*")
	if err != nil {
		return err
	}
	err = errors.Join(f.Chmod(0o644), fill(f, content)) // #nosec G302 -- made to be handed on
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// fill writes, syncs and closes a file. What is no regular file cannot be synced.
func fill(f *os.File, content []byte) error {
	_, err := f.Write(content)
	if info, statErr := f.Stat(); err == nil && statErr == nil && info.Mode().IsRegular() {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// told says where a proof went; without a file, what it proves.
func (o *outputFile) told(w io.Writer, raw []byte, v *verdict.Verdict) {
	if o.path == "" {
		fmt.Fprintf(w, "%s\nnothing was written: name a file with -o\n", v.Text())
	} else if o.path != "-" {
		fmt.Fprintf(w, "%s is written (%d bytes)\n", o.path, len(raw))
	}
}
