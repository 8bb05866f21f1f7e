package jws

import (
	"strings"
	"testing"
)

// Keys that somebody typed sign, or are refused without being shown.
func FuzzKeys(f *testing.F) {
	seed := "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="
	for _, keys := range []string{seed, seed + "," + seed, seed + ", \n" + seed, seed[:len(seed)-1], seed + seed, ",", "", "-----BEGIN PRIVATE KEY-----"} {
		f.Add(keys)
	}
	f.Fuzz(func(t *testing.T, keys string) {
		s, err := New(keys, "a key", "x+jwt")
		if err != nil {
			for part := range strings.SplitSeq(keys, ",") {
				if part = strings.TrimSpace(part); len(part) > 8 && strings.Contains(err.Error(), part) {
					t.Errorf("the error shows %q", part)
				}
			}
			return
		}
		if n := strings.Count(keys, ",") + 1; len(s.KeySet().Keys) != n {
			t.Errorf("%d keys of %d are published", len(s.KeySet().Keys), n)
		}
		if signed, err := s.Sign(map[string]string{"a": "b"}); err != nil || strings.Count(signed, ".") != 2 {
			t.Errorf("%q, %v", signed, err)
		}
		for _, k := range s.KeySet().Keys {
			if !k.IsPublic() {
				t.Error("a private key is published")
			}
		}
	})
}
