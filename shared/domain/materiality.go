package domain

import "slices"

// Change is one difference between a notice and the version before it, shown to
// every person whether material or not (duty D11).
type Change struct {
	Field    string `json:"field"`
	Material bool   `json:"material"`
}

// Compare lists what changed from one version's facts to the next. The law names
// what is material (FR art. 5; the privacy guide, clause 8): purpose, kind and
// manner of processing, who processes, who receives, the person's rights, the
// responsible department, and a high risk that was found. A shorter term or
// retention takes nothing from anyone and is not.
func Compare(before, after Notice) []Change {
	b, a := before.Facts, after.Facts
	out := []Change{} // never null: it is shown as it is
	note := func(field string, changed, material bool) {
		if changed {
			out = append(out, Change{field, material})
		}
	}
	note("enterprise_name", !b.EnterpriseName.equal(a.EnterpriseName), true)
	note("routes", !sameSet(b.Routes, a.Routes), true)
	note("liveness", b.Liveness != a.Liveness, true)
	note("recipients", !sameSet(b.Recipients, a.Recipients), true)
	note("data_kinds", !sameSet(b.DataKinds, a.DataKinds), true)
	note("retention_days", b.RetentionDays != a.RetentionDays, a.RetentionDays > b.RetentionDays)
	note("consent_days", b.ConsentDays != a.ConsentDays, a.ConsentDays > b.ConsentDays)
	note("necessity", !b.Necessity.equal(a.Necessity), false)
	note("impact", !b.Impact.equal(a.Impact), true)
	note("rights", !b.Rights.equal(a.Rights), true)
	note("contact", !b.Contact.equal(a.Contact), true)
	note("high_risk", b.HighRisk != a.HighRisk, a.HighRisk)
	note("delegation", before.Delegation.ID != after.Delegation.ID, false)
	note("contents", !sameContents(before.Contents, after.Contents), false)
	return out
}

// AnyMaterial reports whether one of the changes is.
func AnyMaterial(changes []Change) bool {
	return slices.ContainsFunc(changes, func(c Change) bool { return c.Material })
}

func sameSet[T comparable](a, b []T) bool {
	in := func(list []T) func(T) bool {
		return func(v T) bool { return !slices.Contains(list, v) }
	}
	return !slices.ContainsFunc(a, in(b)) && !slices.ContainsFunc(b, in(a))
}

func sameContents(a, b map[Locale]Contents) bool {
	if len(a) != len(b) {
		return false
	}
	for l, c := range a {
		if b[l] != c {
			return false
		}
	}
	return true
}
