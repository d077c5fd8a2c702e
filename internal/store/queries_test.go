package store_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"verbale/internal/store"
)

var parameter = regexp.MustCompile(`\$(\d+)`)

// outOfOrder tells whether the first uses of $1, $2 … are not ascending: some drivers number them by appearance.
func outOfOrder(query string) bool {
	next := 1
	for _, m := range parameter.FindAllStringSubmatch(query, -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil || n > next || n < 1 {
			return true
		}
		if n == next {
			next++
		}
	}
	return false
}

func TestParametersAscend(t *testing.T) {
	for _, q := range store.Queries() {
		if outOfOrder(q) {
			t.Errorf("first uses of parameters are not ascending, which drivers read differently:\n%s", q)
		}
		if strings.ContainsAny(q, "?") {
			t.Errorf("parameters are $1, $2, which PostgreSQL takes too:\n%s", q)
		}
	}
	for q, wrong := range map[string]bool{"a": false, "$1 $2": false, "$1 $2 $1 $3": false, "$2 $1": true, "$1 $3": true, "$0": true} {
		if outOfOrder(q) != wrong {
			t.Errorf("%q: want %v", q, wrong)
		}
	}
}

// Every SQL constant stands in the list that is prepared and checked, or is a beginning of one that does.
func TestEveryQueryIsListed(t *testing.T) {
	files, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	declared, used := map[string]bool{}, map[string]int{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				for _, id := range n.Names {
					if strings.HasPrefix(id.Name, "sql") {
						declared[id.Name] = true
					}
				}
			case *ast.Ident:
				if name == "queries.go" {
					used[n.Name]++
				}
			}
			return true
		})
	}
	for name := range declared {
		if beginning := strings.HasPrefix(name, "sqlSelect"); used[name] != 1 && !beginning {
			t.Errorf("%s stands %d times in queries.go, want once", name, used[name])
		}
	}
	if q := store.Queries(); len(q) < 30 || len(slices.Compact(slices.Sorted(slices.Values(q)))) != len(q) {
		t.Errorf("%d queries, some twice", len(q))
	}
}
