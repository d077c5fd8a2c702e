package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"verbale/internal/console"
)

func (a *app) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "write a whole copy of the database to a file, while serve goes on",
		Long: `Writes a copy of the database to a new file, also while serve runs. The keys are not in it: keep the key file apart. Use only the newest backup: an older one has
forgotten serial numbers that were used (docs/operator.md).

Example:
  verbale backup /backup/verbale-2026-11-24.db`,
		Args: cobra.ExactArgs(1),
		RunE: a.run(func(ctx context.Context, args []string) error {
			path, err := filepath.Abs(args[0])
			if err != nil {
				return err
			}
			return a.with(ctx, func(s *session) error {
				if err := s.Backup(ctx, path); err != nil {
					return err
				}
				return a.print(console.Backup{Path: path}, func(w io.Writer) {
					fmt.Fprintf(w, "%s is written; the keys are not in it: keep the key file apart\n", path)
				})
			})
		}),
	}
}
