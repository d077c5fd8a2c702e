package verdict

import (
	"cmp"
	"slices"
)

// Merge puts all items of several bundles into one (B-19): two files can prove
// together what neither does alone. Of two profiles of one party, generation
// and keys the one released later stands; what is no profile is kept, and
// sinks the bundle as it sank its own. The bundles are not changed.
func Merge(bundles ...*Bundle) *Bundle {
	out := &Bundle{}
	var profiles []string
	for _, b := range bundles {
		first := len(out.Checkpoints)
		for _, e := range b.Records {
			if e.Checkpoint += first; e.Checkpoint < first || e.Checkpoint >= first+len(b.Checkpoints) {
				e.Checkpoint = -1 // wrong in its own bundle, and not to become right
			}
			out.Records = append(out.Records, e)
		}
		profiles = append(profiles, b.Profiles...)
		out.Witnesses = append(out.Witnesses, b.Witnesses...)
		out.Checkpoints = append(out.Checkpoints, b.Checkpoints...)
		out.Forks = append(out.Forks, b.Forks...)
		out.Beats = append(out.Beats, b.Beats...)
	}
	out.Profiles = newest(profiles)
	slices.Sort(out.Witnesses)
	out.Witnesses = slices.Compact(out.Witnesses)
	return out
}

// newest drops repetitions, and the profiles that later ones of the same keys
// have taken the place of (acts.md §4).
func newest(files []string) (out []string) {
	var list []Profile
	for _, file := range files {
		p, err := openProfile("profile", file)
		if err != nil {
			if !slices.Contains(out, file) {
				out = append(out, file)
			}
			continue
		}
		list = append(list, p)
	}
	slices.SortStableFunc(list, func(a, b Profile) int {
		return cmp.Or(cmp.Compare(a.Party, b.Party), cmp.Compare(a.Generation, b.Generation), slices.Compare(a.Fingerprint[:], b.Fingerprint[:]),
			b.Opened.Fields.Time("released_at").Compare(a.Opened.Fields.Time("released_at")), cmp.Compare(a.File, b.File))
	})
	list = slices.CompactFunc(list, func(a, b Profile) bool {
		return a.Party == b.Party && a.Generation == b.Generation && a.Fingerprint == b.Fingerprint
	})
	for _, p := range list {
		out = append(out, p.File)
	}
	return out
}
