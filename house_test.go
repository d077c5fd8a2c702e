// Package house holds no code. This file checks the rules of the house that CONTRIBUTING.md states,
// and says for each broken rule why it is there. It reads the tree with go/parser: nothing is built.
//
// The tables come first (rooms, keepers, excuses), then one check per rule, then the proof that
// every check bites: for each a small tree that must fail, and one tidy tree that must pass.
//
//	go test -run TestHouse .                 all rules
//	go test -run TestHouse/imports .         one rule
package house

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// Policy on imports.
//
// The top level is what the world may import and must trust: the ground. It says what a party can
// say (record), who said it (seal), where it is written (outbox) and what it proves (verdict).
// Above it stand the rules (docket, exchange), which are pure functions too, so that they can be
// replayed and fuzzed. The edges (store, peer, console, gazette, bridge) touch the world and decide
// nothing. One room, node, is where things happen. Arrows only point down; an edge never sees
// another edge. Tests may import anything, save that the ground is tested on the ground.
var rooms = []room{
	{path: "record", ground: true, pure: true, may: "",
		why: "what a party can say must be readable without any of our machinery"},
	{path: "seal", ground: true, pure: true, may: "",
		why: "the room that understands private keys must be small enough to audit alone"},
	{path: "outbox", ground: true, pure: true, may: "seal",
		why: "a log holds bytes; if it knew what records mean, a stranger could not check it"},
	{path: "verdict", ground: true, pure: true, may: "record seal outbox",
		why: "a verdict is a pure function of statement, bundles and trust; any outsider can run it"},
	{path: "internal/docket", pure: true, may: "record",
		why: "the docket is a fold over records and nothing else, so that rebuild gives the same bytes"},
	{path: "internal/exchange", pure: true, may: "record seal outbox",
		why: "the protocol is values in and values out; who carries them, and where they rest, is not its business"},
	{path: "internal/store", may: "record seal outbox internal/docket internal/exchange",
		why: "the store keeps what others decided and verified; it knows no network, no page and no use-case"},
	{path: "internal/peer", may: "record seal outbox internal/exchange",
		why: "the wire serves the exchange.Peer it is handed; it never opens the store or decides"},
	{path: "internal/witness", may: "seal outbox internal/exchange internal/store",
		why: "a witness knows heads and nothing of what they are over: no records, no links, no node"},
	{path: "internal/node", may: "record seal outbox verdict internal/docket internal/exchange internal/store",
		why: "the edges are handed to node or call it; if it imported them, use-cases would depend on pages and wires"},
	{path: "internal/console", may: "record seal internal/docket verdict internal/node",
		why: "a page never touches SQL or peers: it asks node"},
	{path: "internal/gazette", may: "record seal internal/docket verdict internal/node",
		why: "a public page never touches SQL or peers: it asks node"},
	{path: "internal/bridge", may: "record seal internal/docket verdict internal/node",
		why: "foreign formats are translated at the door; they reach the store through node only"},
	{path: "internal/testbed", may: "*",
		why: "it builds whole nodes for tests, and is imported by tests only"},
	{path: "cmd/verbale", may: "*",
		why: "it wires the rooms together"},
}

type room struct {
	path   string
	may    string // rooms it may import; "*" is any but testbed
	why    string
	ground bool // its tests, too, import only what it may import
	pure   bool // reads no clock, randomness, environment, disk or network
}

// nested lists the modules of their own: other people's code, which never enters our binary.
var nested = []string{"conformance", "tools", "witnesses"}

// keepers says which packages belong to a few rooms. "x/..." is x and everything below it.
var keepers = []struct{ packages, rooms, why string }{
	{"database/sql/... modernc.org/sqlite/... github.com/jackc/... github.com/lib/pq/... github.com/mattn/go-sqlite3/... github.com/pressly/goose/...",
		"internal/store",
		"one room owns SQL, so that sign, commit, publish happens in one order"},
	{"net/http/...",
		"internal/peer internal/console internal/gazette internal/bridge cmd/verbale internal/testbed",
		"use-cases and rules must be callable without a wire"},
	{"crypto/ed25519 crypto/mldsa filippo.io/age/...",
		"seal internal/peer",
		"seal is the only room that understands a private key (peer shows the TLS one); ask it"},
	{"encoding/json", "",
		"it silently keeps the last of two members with one name; use encoding/json/v2"},
	{"github.com/google/go-cmp/... github.com/rogpeppe/... go.uber.org/goleak/... pgregory.net/rapid/... testing/...",
		"internal/testbed",
		"test libraries must not be linked into the binary"},
}

// worldly is what a pure room never imports, and the names it never uses.
var (
	worldlyPackages = strings.Fields("net net/http net/rpc net/smtp database/sql crypto/tls crypto/rand math/rand math/rand/v2 os os/exec os/signal os/user io/ioutil syscall")
	worldlyNames    = strings.Fields("time.Now time.Since time.Until time.Sleep time.After time.AfterFunc time.Tick time.NewTimer time.NewTicker uuid.New uuid.NewV4 uuid.NewV7")
)

// blankImports may be imported for their side effect.
var blankImports = map[string]string{
	"embed":                          "a go:embed directive needs it; it registers nothing",
	"time/tzdata":                    "the binary carries its own time zones",
	"modernc.org/sqlite":             "SQL drivers register themselves; database/sql offers no other door",
	"github.com/jackc/pgx/v5/stdlib": "SQL drivers register themselves; database/sql offers no other door",
}

// constantCalls may initialise a package-level variable: their result never changes.
var constantCalls = []string{
	"errors.New", "fmt.Errorf", "regexp.MustCompile",
	"base64.RawURLEncoding.Strict", "base64.RawStdEncoding.Strict", "base64.StdEncoding.Strict", "base64.URLEncoding.Strict",
	"strings.NewReplacer", "strings.Fields",
}

var bannedNames = strings.Fields("util utils common model models types helper helpers mock mocks")

// excuses are the broken rules that we live with, and why. One that is no longer needed fails.
// The key is what stands before the last colon of a failure, without the line number.
var excuses = []excuse{}

type excuse struct{ rule, key, why string }

const (
	maxFunctionLines = 80  // a function fits on one tall screen
	maxFileLines     = 700 // a longer file has a second room in it
	minTodoLetters   = 40  // enough to say what is missing and what would show that it is done
)

// longer records the functions ("path:name") and files ("path") above the budget, with their length
// today. The numbers only go down: longer fails, and shorter asks for the number to be lowered.
var longer = map[string]int{}

// rules is the list of all checks.
var rules = []struct {
	name  string
	check func(*house) []problem
}{
	{"rooms", checkRooms},
	{"imports", checkImports},
	{"pure", checkPure},
	{"keepers", checkKeepers},
	{"package-comments", checkPackageComments},
	{"names", checkNames},
	{"side-effects", checkSideEffects},
	{"state", checkState},
	{"sleep", checkSleep},
	{"budgets", checkBudgets},
	{"todo", checkTodo},
	{"paths", checkPaths},
	{"interfaces", checkInterfaces},
	{"limits", checkLimits},
	{"toolchain", checkToolchain},
}

func TestHouse(t *testing.T) {
	h := open(t, os.DirFS("."), longer)
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			for _, complaint := range judge(rule.name, rule.check(h), excuses) {
				t.Error(complaint)
			}
		})
	}
}

// judge drops what is excused and adds the excuses that excuse nothing.
func judge(rule string, found []problem, excuses []excuse) []string {
	var complaints []string
	used := map[string]bool{}
	for _, p := range found {
		used[p.key()] = true
		if !slices.ContainsFunc(excuses, func(e excuse) bool { return e.rule == rule && e.key == p.key() }) {
			complaints = append(complaints, p.String())
		}
	}
	for _, e := range excuses {
		if e.rule == rule && !used[e.key] {
			complaints = append(complaints, fmt.Sprintf("the excuse %q (%s) excuses nothing any more: remove it", e.key, e.why))
		}
	}
	slices.Sort(complaints)
	return complaints
}

type problem struct {
	path    string
	line    int
	subject string
	text    string
}

func (p problem) key() string {
	if p.subject == "" {
		return p.path
	}
	return p.path + ": " + p.subject
}

func (p problem) String() string {
	at := p.path
	if p.line > 0 {
		at += ":" + strconv.Itoa(p.line)
	}
	if p.subject != "" {
		at += ": " + p.subject
	}
	return at + ": " + p.text
}

// A house is the tree, read once.
type house struct {
	fset   *token.FileSet
	files  []*file           // every Go file
	texts  map[string][]byte // every file without NUL bytes
	longer map[string]int
}

type file struct {
	*ast.File
	path      string // slash-separated, from the root
	dir       string
	room      *room // nil at the root, in nested modules and in unknown folders
	nested    bool
	test      bool
	generated bool
	lines     int
}

func open(t *testing.T, tree fs.FS, longer map[string]int) *house {
	t.Helper()
	h := &house{fset: token.NewFileSet(), texts: map[string][]byte{}, longer: longer}
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{".git", "bin", "demo-out"}, name):
			return fs.SkipDir
		case name == ".git": // a file in a worktree of git
			return nil
		case !d.Type().IsRegular():
			return nil
		}
		data, err := fs.ReadFile(tree, name)
		if err != nil || bytes.IndexByte(data, 0) >= 0 {
			return err
		}
		h.texts[name] = data
		if path.Ext(name) == ".go" && !strings.Contains("/"+name, "/testdata/") {
			return h.parse(name, data)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) parse(name string, data []byte) error {
	tree, err := parser.ParseFile(h.fset, name, data, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	h.files = append(h.files, &file{
		File:      tree,
		path:      name,
		dir:       path.Dir(name),
		room:      roomOf(path.Dir(name)),
		nested:    slices.ContainsFunc(nested, func(m string) bool { return within(name, m) }),
		test:      strings.HasSuffix(name, "_test.go"),
		generated: ast.IsGenerated(tree),
		lines:     bytes.Count(data, []byte("\n")),
	})
	return nil
}

// code is the files that end up in the binary (and those of testbed).
func (h *house) code() []*file {
	var files []*file
	for _, f := range h.files {
		if !f.test && !f.nested {
			files = append(files, f)
		}
	}
	return files
}

// packages groups code by folder.
func (h *house) packages() map[string][]*file {
	dirs := map[string][]*file{}
	for _, f := range h.code() {
		dirs[f.dir] = append(dirs[f.dir], f)
	}
	return dirs
}

func (h *house) problem(f *file, at ast.Node, subject, format string, args ...any) problem {
	return problem{f.path, h.fset.Position(at.Pos()).Line, subject, fmt.Sprintf(format, args...)}
}

func within(name, dir string) bool { return name == dir || strings.HasPrefix(name, dir+"/") }

func roomOf(dir string) *room {
	for i := range rooms {
		if within(dir, rooms[i].path) {
			return &rooms[i]
		}
	}
	return nil
}

func importPath(spec *ast.ImportSpec) string {
	p, _ := strconv.Unquote(spec.Path.Value) // the parser accepted it
	return p
}

// ours says which room an import path leads to.
func ours(imported string) *room {
	rest, found := strings.CutPrefix(imported, "verbale/")
	if !found {
		return nil
	}
	return roomOf(rest)
}

// matches reports whether the list ("a b/...") covers the import path.
func matches(list, imported string) bool {
	for _, pattern := range strings.Fields(list) {
		if base, tree := strings.CutSuffix(pattern, "/..."); imported == base || tree && within(imported, base) {
			return true
		}
	}
	return false
}

// qualified calls visit for each name used through an import, as path and name, however the import is called here.
func qualified(f *file, visit func(sel *ast.SelectorExpr, imported, name string)) {
	names := map[string]string{}
	for _, spec := range f.Imports {
		imported := importPath(spec)
		if spec.Name != nil {
			names[spec.Name.Name] = imported
			continue
		}
		names[path.Base(strings.TrimSuffix(imported, "/v2"))] = imported
	}
	ast.Inspect(f.File, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && names[x.Name] != "" {
				visit(sel, names[x.Name], sel.Sel.Name)
			}
		}
		return true
	})
}

// Every Go file stands in a room: the map of the house is complete.
func checkRooms(h *house) (found []problem) {
	for _, f := range h.files {
		if f.room == nil && !f.nested && f.path != "house_test.go" {
			found = append(found, h.problem(f, f.File, "", "stands in no room: the map lists %s; move it, or add its room to the table with a reason", roomList()))
		}
	}
	for name := range h.texts {
		if dir := path.Dir(name); path.Base(name) == "go.mod" && dir != "." && !slices.Contains(nested, dir) {
			found = append(found, problem{path: name, text: "only conformance, tools and witnesses are modules of their own"})
		}
	}
	return found
}

func roomList() string {
	var names []string
	for _, r := range rooms {
		names = append(names, r.path)
	}
	return strings.Join(names, ", ")
}

// Imports between rooms follow the table.
func checkImports(h *house) (found []problem) {
	for _, f := range h.files {
		if f.room == nil {
			continue
		}
		for _, spec := range f.Imports {
			to := ours(importPath(spec))
			switch {
			case to == nil || to == f.room:
			case f.test && !f.room.ground:
			case to.path == "internal/testbed" && !f.test:
				found = append(found, h.problem(f, spec, to.path, "only tests import testbed, or whole test nodes end up in the binary"))
			case f.room.may != "*" && !slices.Contains(strings.Fields(f.room.may), to.path):
				found = append(found, h.problem(f, spec, to.path, "%s may import of ours: %s; because %s", f.room.path, orNothing(f.room.may), f.room.why))
			}
		}
	}
	return found
}

func orNothing(list string) string {
	if list == "" {
		return "nothing"
	}
	return list
}

// The ground, docket and exchange take clock, randomness and environment as arguments.
func checkPure(h *house) (found []problem) {
	const why = "a pure room takes it as an argument, so that what it says today can be recomputed in ten years"
	for _, f := range h.code() {
		if f.room == nil || !f.room.pure {
			continue
		}
		for _, spec := range f.Imports {
			if slices.Contains(worldlyPackages, importPath(spec)) {
				found = append(found, h.problem(f, spec, importPath(spec), why))
			}
		}
		qualified(f, func(sel *ast.SelectorExpr, imported, name string) {
			if slices.Contains(worldlyNames, imported+"."+name) {
				found = append(found, h.problem(f, sel, imported+"."+name, why))
			}
		})
	}
	return found
}

// Some packages belong to a few rooms.
func checkKeepers(h *house) (found []problem) {
	for _, f := range h.code() {
		if f.room == nil {
			continue
		}
		for _, spec := range f.Imports {
			for _, k := range keepers {
				if matches(k.packages, importPath(spec)) && !slices.Contains(strings.Fields(k.rooms), f.room.path) {
					found = append(found, h.problem(f, spec, importPath(spec), "only for: %s; %s", orNothing(k.rooms), k.why))
				}
			}
		}
	}
	return found
}

// Each package has one front door: one package comment, where everybody looks for it.
func checkPackageComments(h *house) (found []problem) {
	for dir, files := range h.packages() {
		var docs []*file
		for _, f := range files {
			if f.Doc != nil {
				docs = append(docs, f)
			}
		}
		if len(docs) != 1 {
			found = append(found, problem{path: dir, text: fmt.Sprintf("has %d package comments; a package has exactly one, in doc.go or in the file named as the package", len(docs))})
			continue
		}
		f, base, name := docs[0], path.Base(docs[0].path), docs[0].Name.Name
		if base != "doc.go" && base != name+".go" {
			found = append(found, h.problem(f, f.Doc, "", "the package comment belongs in doc.go or %s.go, where it is looked for", name))
		}
		if name != "main" && !strings.HasPrefix(f.Doc.Text(), "Package "+name+" ") {
			found = append(found, h.problem(f, f.Doc, "", "the package comment begins with \"Package %s \", as go doc expects", name))
		}
	}
	return found
}

// Nothing has a name that says nothing.
func checkNames(h *house) (found []problem) {
	for _, f := range h.files {
		base := strings.TrimSuffix(strings.TrimSuffix(path.Base(f.path), ".go"), "_test")
		for _, name := range append(strings.Split(f.dir, "/"), base, f.Name.Name) {
			if slices.Contains(bannedNames, name) {
				found = append(found, h.problem(f, f.Name, name, "says nothing about what is inside; name it after what it does"))
			}
		}
	}
	return found
}

// No init, no registration by side effect, no name without a visible origin.
func checkSideEffects(h *house) (found []problem) {
	for _, f := range h.code() {
		for _, decl := range f.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				found = append(found, h.problem(f, fn, "init", "runs before anyone can say what it needs; make it a constructor"))
			}
		}
		for _, spec := range f.Imports {
			imported := importPath(spec)
			switch {
			case spec.Name == nil:
			case spec.Name.Name == "_" && blankImports[imported] == "":
				found = append(found, h.problem(f, spec, imported, "is imported for its side effect; only SQL drivers, embed and time/tzdata may be"))
			case spec.Name.Name == ".":
				found = append(found, h.problem(f, spec, imported, "a dot import hides where names come from"))
			}
		}
	}
	return found
}

// Package-level variables are tables and sentinels; nothing changes them.
func checkState(h *house) (found []problem) {
	for dir, files := range h.packages() {
		info := resolve(h.fset, dir, files)
		for _, f := range files {
			for _, decl := range f.Decls {
				if gen, ok := decl.(*ast.GenDecl); ok && gen.Tok == token.VAR {
					found = append(found, h.checkVars(f, gen, info)...)
				}
			}
			found = append(found, h.checkAssignments(f, info)...)
		}
	}
	return found
}

// resolve says what each name of a package means, without loading its imports.
func resolve(fset *token.FileSet, dir string, files []*file) *types.Info {
	info := &types.Info{
		Defs:  map[*ast.Ident]types.Object{},
		Uses:  map[*ast.Ident]types.Object{},
		Types: map[ast.Expr]types.TypeAndValue{},
	}
	var trees []*ast.File
	for _, f := range files {
		trees = append(trees, f.File)
	}
	config := types.Config{Importer: nowhere{}, Error: func(error) {}}
	_, _ = config.Check(dir, fset, trees, info) // it complains of every import, and that is all right
	return info
}

// nowhere finds no package.
type nowhere struct{}

func (nowhere) Import(name string) (*types.Package, error) {
	return nil, fmt.Errorf("%s is not loaded", name)
}

func (h *house) checkVars(f *file, gen *ast.GenDecl, info *types.Info) (found []problem) {
	for _, s := range gen.Specs {
		spec := s.(*ast.ValueSpec)
		embedded := isEmbed(gen.Doc) || isEmbed(spec.Doc)
		for i, name := range spec.Names {
			constant := embedded
			if len(spec.Values) == len(spec.Names) {
				constant = isTable(spec.Values[i], info)
			}
			if name.Name != "_" && !constant {
				found = append(found, h.problem(f, name, name.Name,
					"is package state; it may be a table (map, slice, array), a sentinel error, a regexp or an embedded file; else pass it as an argument or make it a const"))
			}
		}
	}
	return found
}

func isEmbed(doc *ast.CommentGroup) bool {
	return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") })
}

// isTable reports whether an initialiser makes a value that nobody means to change.
func isTable(value ast.Expr, info *types.Info) bool {
	switch v := value.(type) {
	case *ast.FuncLit:
		return true
	case *ast.CompositeLit:
		if t := info.TypeOf(v); t != nil {
			switch t.Underlying().(type) {
			case *types.Map, *types.Slice, *types.Array:
				return true
			}
		}
	case *ast.CallExpr:
		return info.Types[v.Fun].IsType() || slices.Contains(constantCalls, types.ExprString(v.Fun))
	}
	return false
}

func (h *house) checkAssignments(f *file, info *types.Info) (found []problem) {
	changed := func(targets ...ast.Expr) {
		for _, target := range targets {
			if name := packageLevel(target, info); name != "" {
				found = append(found, h.problem(f, target, name, "is changed here; package-level variables are tables, and tables do not change"))
			}
		}
	}
	ast.Inspect(f.File, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			changed(n.Lhs...)
		case *ast.IncDecStmt:
			changed(n.X)
		case *ast.RangeStmt:
			changed(n.Key, n.Value)
		case *ast.CallExpr:
			if fn, ok := n.Fun.(*ast.Ident); ok && len(n.Args) > 0 && slices.Contains([]string{"delete", "clear", "copy"}, fn.Name) {
				changed(n.Args[0])
			}
		}
		return true
	})
	return found
}

// packageLevel names the package-level variable, of this or another package, that an assignment to target changes.
func packageLevel(target ast.Expr, info *types.Info) string {
	switch e := target.(type) {
	case *ast.Ident:
		if v, ok := info.Uses[e].(*types.Var); ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
			return e.Name
		}
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok {
			if _, ok := info.Uses[x].(*types.PkgName); ok {
				return x.Name + "." + e.Sel.Name
			}
		}
		return packageLevel(e.X, info)
	case *ast.IndexExpr:
		return packageLevel(e.X, info)
	case *ast.SliceExpr:
		return packageLevel(e.X, info)
	case *ast.StarExpr:
		return packageLevel(e.X, info)
	case *ast.ParenExpr:
		return packageLevel(e.X, info)
	}
	return ""
}

// Tests never sleep.
func checkSleep(h *house) (found []problem) {
	for _, f := range h.files {
		if !f.test {
			continue
		}
		qualified(f, func(sel *ast.SelectorExpr, imported, name string) {
			if imported == "time" && name == "Sleep" {
				found = append(found, h.problem(f, sel, "time.Sleep",
					"tests never sleep: wait for the event itself, or run in testing/synctest and wait on a timer"))
			}
		})
	}
	return found
}

// Functions and files have a budget; what is above it only shrinks.
func checkBudgets(h *house) (found []problem) {
	lengths := map[string]int{}
	for _, f := range h.code() {
		if f.generated {
			continue
		}
		found = append(found, h.budget(f.path, f.lines, maxFileLines)...)
		lengths[f.path] = f.lines
		for _, decl := range f.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok {
				key := f.path + ":" + functionName(fn)
				lengths[key] = h.fset.Position(fn.End()).Line - h.fset.Position(fn.Pos()).Line + 1
				found = append(found, h.budget(key, lengths[key], maxFunctionLines)...)
			}
		}
	}
	for key := range h.longer {
		if lengths[key] == 0 {
			found = append(found, problem{path: key, text: "is not in the tree any more: remove it from the table of longer ones"})
		}
	}
	return found
}

func (h *house) budget(key string, lines, most int) []problem {
	recorded, known := h.longer[key]
	var text string
	switch {
	case !known && lines > most:
		text = fmt.Sprintf("is %d lines long and the budget is %d: split it where the subject changes", lines, most)
	case known && lines > recorded:
		text = fmt.Sprintf("grew from %d to %d lines; it is above the budget of %d and may only shrink", recorded, lines, most)
	case known && lines <= most:
		text = fmt.Sprintf("is %d lines long and fits now: remove it from the table of longer ones", lines)
	case known && lines < recorded:
		text = fmt.Sprintf("shrank from %d to %d lines: lower its number, so that it stays so", recorded, lines)
	default:
		return nil
	}
	return []problem{{path: key, text: text}}
}

func functionName(fn *ast.FuncDecl) string {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return fn.Name.Name
	}
	return "(" + types.ExprString(fn.Recv.List[0].Type) + ")." + fn.Name.Name
}

var todo = regexp.MustCompile(`\b(TODO|FIXME)\b(.*)`)

// Unfinished places say what is missing.
func checkTodo(h *house) (found []problem) {
	for _, f := range h.files {
		if f.test || f.generated {
			continue
		}
		for _, group := range f.Comments {
			for _, comment := range group.List {
				for _, m := range todo.FindAllStringSubmatch(comment.Text, -1) {
					if len(strings.Trim(m[2], " :*/")) < minTodoLetters {
						found = append(found, h.problem(f, comment, m[1], "say on the same line, in %d letters or more, what is missing and why it can wait", minTodoLetters))
					}
				}
			}
		}
	}
	return found
}

var machinePath = regexp.MustCompile(`(?:^|[^\w.~-])(/(?:work|root|home|Users)/)`)

// The tree names no folder of the machine it was written on.
func checkPaths(h *house) (found []problem) {
	for name, data := range h.texts {
		for i, line := range strings.Split(string(data), "\n") {
			if m := machinePath.FindStringSubmatch(line); m != nil {
				found = append(found, problem{name, i + 1, m[1], "an absolute path of somebody's machine means nothing elsewhere"})
			}
		}
	}
	return found
}

var (
	implementations = regexp.MustCompile(`(?m)^Implementations: (.+)\.$`)
	aside           = regexp.MustCompile(` \([^)]*\)`) // "peer.Client (over HTTPS)"
)

// An interface has two implementations in the tree, and names them.
func checkInterfaces(h *house) (found []problem) {
	declared := h.declaredTypes()
	for _, f := range h.code() {
		if f.generated {
			continue
		}
		eachType(f, func(spec *ast.TypeSpec, doc string) {
			it, ok := spec.Type.(*ast.InterfaceType)
			if !ok || isConstraint(it) {
				return
			}
			m := implementations.FindStringSubmatch(aside.ReplaceAllString(doc, ""))
			if m == nil || !strings.Contains(m[1], ",") {
				found = append(found, h.problem(f, spec, spec.Name.Name,
					`needs a comment line "// Implementations: X, Y."; an interface with one implementation is only a detour`))
				return
			}
			for name := range strings.SplitSeq(m[1], ",") {
				if name = strings.Trim(name, " *"); !isDeclared(declared, f.Name.Name, name) {
					found = append(found, h.problem(f, spec, spec.Name.Name, "names the implementation %s, which is not in the tree", name))
				}
			}
		})
	}
	return found
}

// declaredTypes maps package names to the types declared in them.
func (h *house) declaredTypes() map[string]map[string]bool {
	declared := map[string]map[string]bool{}
	for _, f := range h.code() {
		if declared[f.Name.Name] == nil {
			declared[f.Name.Name] = map[string]bool{}
		}
		eachType(f, func(spec *ast.TypeSpec, _ string) { declared[f.Name.Name][spec.Name.Name] = true })
	}
	return declared
}

// isDeclared looks up "Type" or "pkg.Type". A package that the tree does not have (yet, or ever) is believed.
func isDeclared(declared map[string]map[string]bool, pkg, name string) bool {
	if before, after, found := strings.Cut(name, "."); found {
		pkg, name = before, after
	}
	return declared[pkg] == nil || declared[pkg][name]
}

func eachType(f *file, visit func(spec *ast.TypeSpec, doc string)) {
	ast.Inspect(f.File, func(n ast.Node) bool {
		gen, ok := n.(*ast.GenDecl)
		if !ok || gen.Tok != token.TYPE {
			return true
		}
		for _, s := range gen.Specs {
			spec := s.(*ast.TypeSpec)
			visit(spec, gen.Doc.Text()+"\n"+spec.Doc.Text())
		}
		return true
	})
}

// isConstraint reports whether an interface only bounds a type parameter.
func isConstraint(it *ast.InterfaceType) bool {
	return slices.ContainsFunc(it.Methods.List, func(m *ast.Field) bool {
		switch m.Type.(type) {
		case *ast.BinaryExpr, *ast.UnaryExpr:
			return true
		}
		return false
	})
}

var limitName = regexp.MustCompile(`^([Mm]ax|[Mm]in)([A-Z0-9]\w*)?$|[Tt]imeout$`)

// All limits of a room stand in its limits.go, with the reason beside each.
func checkLimits(h *house) (found []problem) {
	for _, f := range h.code() {
		inLimits := path.Base(f.path) == "limits.go"
		ast.Inspect(f.File, func(n ast.Node) bool {
			gen, ok := n.(*ast.GenDecl)
			if !ok || gen.Tok != token.CONST {
				return true
			}
			reason, end := false, 0
			for _, s := range gen.Specs {
				spec := s.(*ast.ValueSpec)
				// A comment speaks for the lines directly below it, too.
				reason = spec.Doc != nil || spec.Comment != nil || !gen.Lparen.IsValid() && gen.Doc != nil ||
					reason && h.fset.Position(spec.Pos()).Line == end+1
				end = h.fset.Position(spec.End()).Line
				for i, name := range spec.Names {
					switch {
					case i < len(spec.Values) && isString(spec.Values[i]): // a word, such as an error kind named Timeout
					case inLimits && !reason:
						found = append(found, h.problem(f, name, name.Name, "is a limit without a reason beside it"))
					case !inLimits && limitName.MatchString(name.Name):
						found = append(found, h.problem(f, name, name.Name, "is a limit: all limits of a room stand in its limits.go, each with its reason"))
					}
				}
			}
			return true
		})
	}
	return found
}

func isString(value ast.Expr) bool {
	lit, ok := value.(*ast.BasicLit)
	return ok && lit.Kind == token.STRING
}

var toolchainLine = regexp.MustCompile(`(?m)^(?:toolchain |export GOTOOLCHAIN *:?= *)(\S+)`)

// One toolchain builds, checks and tests everything.
func checkToolchain(h *house) (found []problem) {
	want := ""
	for _, name := range []string{"go.mod", "Makefile", "tools/go.mod", "witnesses/go.mod", "conformance/go.mod"} {
		m := toolchainLine.FindSubmatch(h.texts[name])
		switch {
		case m == nil:
		case want == "":
			want = string(m[1])
		case string(m[1]) != want:
			found = append(found, problem{path: name, text: fmt.Sprintf("uses %s and go.mod %s; analysers built with another Go misread the tree", m[1], want)})
		}
	}
	return found
}

// The proof that the rules bite: each tree below breaks one rule once. A sample is the rule, the key
// of the failure it must give, and files as "path" and text in turn.
var samples = [][]string{
	{"rooms", "scratch/x.go", "scratch/x.go", "package scratch"},
	{"rooms", "spec/x.go", "spec/x.go", "package spec"},
	{"rooms", "x.go", "x.go", "package house"},
	{"rooms", "record/go.mod", "record/go.mod", "module record"},
	{"imports", "record/x.go: seal", "record/x.go", `package record; import "verbale/seal"`},
	{"imports", "record/x_test.go: outbox", "record/x_test.go", `package record_test; import "verbale/outbox"`},
	{"imports", "internal/docket/x.go: seal", "internal/docket/x.go", `package docket; import "verbale/seal"`},
	{"imports", "internal/node/deep/x.go: internal/peer", "internal/node/deep/x.go", `package deep; import "verbale/internal/peer/wire"`},
	{"imports", "internal/console/x.go: internal/store", "internal/console/x.go", `package console; import "verbale/internal/store"`},
	{"imports", "cmd/verbale/x.go: internal/testbed", "cmd/verbale/x.go", `package main; import "verbale/internal/testbed"`},
	{"pure", "verdict/x.go: os", "verdict/x.go", `package verdict; import "os"`},
	{"pure", "internal/exchange/x.go: math/rand/v2", "internal/exchange/x.go", `package exchange; import "math/rand/v2"`},
	{"pure", "outbox/x.go: time.Now", "outbox/x.go", `package outbox; import t "time"; var clock = t.Now`},
	{"pure", "record/x.go: uuid.New", "record/x.go", `package record; import "uuid"; func id() any { return uuid.New() }`},
	{"keepers", "internal/node/x.go: net/http/httptrace", "internal/node/x.go", `package node; import "net/http/httptrace"`},
	{"keepers", "internal/peer/x.go: database/sql", "internal/peer/x.go", `package peer; import "database/sql"`},
	{"keepers", "outbox/x.go: crypto/ed25519", "outbox/x.go", `package outbox; import "crypto/ed25519"`},
	{"keepers", "internal/bridge/x.go: encoding/json", "internal/bridge/x.go", `package bridge; import "encoding/json"`},
	{"keepers", "cmd/verbale/x.go: pgregory.net/rapid", "cmd/verbale/x.go", `package main; import "pgregory.net/rapid"`},
	{"package-comments", "record", "record/record.go", "package record"},
	{"package-comments", "record", "record/record.go", "// Package record is.\npackage record", "record/doc.go", "// Package record is.\npackage record"},
	{"package-comments", "record/x.go", "record/x.go", "// Package record is.\npackage record"},
	{"package-comments", "record/record.go", "record/record.go", "// This is record.\npackage record"},
	{"names", "internal/util/x.go: util", "internal/util/x.go", "package x"},
	{"names", "record/types.go: types", "record/types.go", "package record"},
	{"names", "record/x_test.go: mocks", "record/x_test.go", "package mocks"},
	{"side-effects", "seal/x.go: init", "seal/x.go", "package seal; func init() {}"},
	{"side-effects", "seal/x.go: image/png", "seal/x.go", `package seal; import _ "image/png"`},
	{"side-effects", "seal/x.go: strings", "seal/x.go", `package seal; import . "strings"`},
	{"state", "seal/x.go: cache", "seal/x.go", "package seal; var cache map[string]int"},
	{"state", "seal/x.go: now", "seal/x.go", `package seal; import "time"; var now = time.Now`},
	{"state", "seal/x.go: one", "seal/x.go", "package seal; type T struct{ n int }; var one = T{1}"},
	{"state", "seal/x.go: ptr", "seal/x.go", "package seal; var ptr = &[]int{1}"},
	{"state", "seal/y.go: list", "seal/x.go", "package seal; var list = []int{1}", "seal/y.go", "package seal; func f() { list = nil }"},
	{"state", "seal/x.go: table", "seal/x.go", `package seal; var table = map[string]int{}; func f() { table["a"]++ }`},
	{"state", "seal/x.go: table", "seal/x.go", `package seal; var table = map[string]int{}; func f() { delete(table, "a") }`},
	{"state", "seal/x.go: record.Kinds", "seal/x.go", `package seal; import "verbale/record"; func f() { record.Kinds[0] = "" }`},
	{"sleep", "conformance/x_test.go: time.Sleep", "conformance/x_test.go", `package c; import "time"; func f() { time.Sleep(1) }`},
	{"budgets", "seal/x.go", "seal/x.go", "package seal" + strings.Repeat("\n", maxFileLines+1)},
	{"budgets", "seal/x.go:(*T).f", "seal/x.go", "package seal; type T int; func (*T) f() {" + strings.Repeat("\n", maxFunctionLines) + "}"},
	{"todo", "seal/x.go: TODO", "seal/x.go", "package seal // TODO: later"},
	{"paths", "docs/x.md: /" + "work/", "docs/x.md", "see /" + "work/main"},
	{"interfaces", "seal/x.go: Signer", "seal/x.go", "package seal; type Signer interface{ Sign() }"},
	{"interfaces", "seal/x.go: Signer", "seal/x.go", "package seal\n\n// Implementations: One.\ntype Signer interface{ Sign() }\ntype One int"},
	{"interfaces", "seal/x.go: Signer", "seal/x.go", "package seal\n\n// Implementations: One, Two.\ntype Signer interface{ Sign() }\ntype One int"},
	{"limits", "seal/x.go: MaxKeys", "seal/x.go", "package seal; const MaxKeys = 8"},
	{"limits", "seal/x.go: dialTimeout", "seal/x.go", "package seal; func f() { const dialTimeout = 8 }"},
	{"limits", "seal/limits.go: MaxKeys", "seal/limits.go", "package seal; const MaxKeys = 8"},
	{"limits", "seal/limits.go: b", "seal/limits.go", "package seal; const (\na = 8 // why\n\nb = 8)"},
	{"toolchain", "tools/go.mod", "go.mod", "toolchain go1.27.4", "tools/go.mod", "toolchain go1.26.8"},
}

func TestRulesBite(t *testing.T) {
	for _, sample := range samples {
		tree := fstest.MapFS{}
		for i := 2; i < len(sample); i += 2 {
			tree[sample[i]] = &fstest.MapFile{Data: []byte(sample[i+1])}
		}
		var keys []string
		for _, rule := range rules {
			if rule.name == sample[0] {
				for _, p := range rule.check(open(t, tree, nil)) {
					keys = append(keys, p.key())
				}
			}
		}
		if !slices.Equal(keys, []string{sample[1]}) {
			t.Errorf("%s: %q gave %q, want %q", sample[0], sample[3:], keys, sample[1])
		}
	}
}

// tidy breaks no rule, though it comes close.
var tidy = map[string]string{
	"seal/seal.go": `// Package seal is tidy.
package seal

import (
	_ "embed"
	"errors"
	"time"
)

//go:embed word
var word string

var ErrKey = errors.New("bad key")

var (
	names        = []string{"a"}
	table        = map[string]time.Duration{"a": time.Hour}
	raw          = []byte("x")
	_     Signer = (*One)(nil)
)

// A Signer signs.
//
// Implementations: *One (here, that is), peer.Two, os.File.
type Signer interface{ Sign() }

// One signs.
type One struct{ names []string }

type number interface{ ~int | ~int64 }

const minutesKind, timeout = "minutes", "timeout"

// TODO: sign with a second algorithm once the standard that names it is published.
func (o *One) Sign() {
	names, table := o.names, map[string]int{}
	names[0], table["a"] = "b", 1
	o.names = names
}
`,
	"seal/limits.go": `package seal

// MaxKeys is how many keys a party may hold: two in use, two in waiting.
const MaxKeys = 4

const (
	minBits     = 256 // below it a key can be guessed
	dialTimeout = 5   // seconds; a peer that is slower is down
	readTimeout = 5
)
`,
	"seal/seal_test.go":             `package seal; import ("net/http"; "crypto/ed25519"); var state int; func init() { state = len(http.MethodGet) }`,
	"internal/node/node.go":         "// Package node is tidy.\npackage node\n" + `import ("time"; "verbale/verdict"; "verbale/internal/store"); func Now() { time.Now() }`,
	"internal/node/node_test.go":    `package node_test; import "verbale/internal/testbed"`,
	"internal/testbed/doc.go":       "// Package testbed is tidy.\npackage testbed\n" + `import ("net/http/httptest"; "testing"; "verbale/cmd/verbale")`,
	"internal/store/doc.go":         "// Package store is tidy.\npackage store\n" + `import ("database/sql"; _ "modernc.org/sqlite"; "encoding/json/v2")`,
	"cmd/verbale/main.go":           "package main",
	"cmd/verbale/doc.go":            "// Verbale is tidy.\npackage main\n" + `import ("net/http"; "verbale/internal/console")`,
	"conformance/c.go":              `package c; import "database/sql"; var state int`,
	"conformance/go.mod":            "module verbale/conformance\ntoolchain go1.27.4",
	"docs/operator.md":              "open /console/ in a browser; data is in /var/lib/verbale; ../root/ is no absolute path",
	"spec/vectors/testdata/odd.go":  "no Go at all",
	"internal/peer/testdata/odd.go": "no Go at all",
}

func TestTidyTreePasses(t *testing.T) {
	tree := fstest.MapFS{}
	for name, text := range tidy {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	h := open(t, tree, nil)
	for _, rule := range rules {
		for _, p := range rule.check(h) {
			t.Errorf("%s: %s", rule.name, p)
		}
	}
}

func TestRatchet(t *testing.T) {
	tree := fstest.MapFS{"seal/x.go": &fstest.MapFile{Data: []byte("package seal; func f() {" + strings.Repeat("\n", 99) + "}\n")}}
	for recorded, want := range map[int]string{
		0:   "is 100 lines long and the budget is 80", // 0: not recorded
		90:  "grew from 90 to 100",
		100: "",
		110: "shrank from 110 to 100",
	} {
		longer := map[string]int{}
		if recorded > 0 {
			longer["seal/x.go:f"] = recorded
		}
		complaints := judge("budgets", checkBudgets(open(t, tree, longer)), nil)
		if got := strings.Join(complaints, "\n"); !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("recorded %d: got %q, want %q", recorded, got, want)
		}
	}
	gone := checkBudgets(open(t, tree, map[string]int{"seal/x.go:f": 100, "seal/x.go:g": 100}))
	if len(gone) != 1 || gone[0].path != "seal/x.go:g" {
		t.Errorf("a record of a function that is gone: got %v", gone)
	}
}

func TestExcuses(t *testing.T) {
	found := []problem{{path: "seal/x.go", line: 7, subject: "os", text: "no"}}
	for _, c := range []struct {
		excuses []excuse
		want    int
	}{
		{nil, 1},
		{[]excuse{{"pure", "seal/x.go: os", "why"}}, 0},
		{[]excuse{{"keepers", "seal/x.go: os", "why"}}, 1},
		{[]excuse{{"pure", "seal/x.go: os", "why"}, {"pure", "seal/y.go: os", "why"}}, 1},
	} {
		if got := judge("pure", found, c.excuses); len(got) != c.want {
			t.Errorf("%v: got %q, want %d complaints", c.excuses, got, c.want)
		}
	}
}
