package engine

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"
)

func TestWeightsAreTheOnesThatTheNoticeSpeaksOf(t *testing.T) {
	list, err := os.Open("weights/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	n := 0
	for lines := bufio.NewScanner(list); lines.Scan(); n++ {
		want, name, _ := strings.Cut(lines.Text(), "  ")
		data, err := weightFiles.ReadFile("weights/" + name)
		if err != nil {
			t.Error(err)
			continue
		}
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s has changed", name)
		}
	}
	if n != 6 {
		t.Errorf("%d files are listed", n)
	}
}

const twoTensors = `[{"weights":[
	{"name":"a","shape":[2],"dtype":"float32"},
	{"name":"b","shape":[1,3],"dtype":"float32","quantization":{"dtype":"uint8","scale":0.5,"min":-1}}]}]`

var elevenBytes = []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 2, 255}

func TestManifestNamesPlainAndQuantizedTensors(t *testing.T) {
	m, err := parseWeights([]byte(twoTensors), elevenBytes)
	if err != nil {
		t.Fatal(err)
	}
	if a := m["a"].data; len(a) != 2 || a[0] != 1 || a[1] != -2 {
		t.Errorf("a is %v", a)
	}
	if b := m["b"].data; len(b) != 3 || b[0] != -1 || b[1] != 0 || b[2] != 126.5 {
		t.Errorf("b is %v", b)
	}
	if _, err := m.take("b", 1, 4); !errors.Is(err, errManifest) {
		t.Errorf("a wrong shape gives %v", err)
	}
	if _, err := m.take("c"); !errors.Is(err, errManifest) {
		t.Errorf("a missing tensor gives %v", err)
	}
}

func TestDamagedWeightsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		list string
		bin  []byte
	}{
		"no JSON":           {"weights", nil},
		"no group":          {"[]", nil},
		"two groups":        {`[{"weights":[]},{"weights":[]}]`, nil},
		"too short":         {twoTensors, elevenBytes[:10]},
		"too short for one": {twoTensors, elevenBytes[:7]},
		"too long":          {twoTensors, append(bytes.Clone(elevenBytes), 0)},
		"twice the name":    {strings.Replace(twoTensors, `"b"`, `"a"`, 1), elevenBytes},
		"other numbers":     {strings.Replace(twoTensors, "float32", "int32", 1), elevenBytes},
		"other quantum":     {strings.Replace(twoTensors, "uint8", "uint16", 1), elevenBytes},
		"negative shape":    {strings.Replace(twoTensors, "[2]", "[-2]", 1), elevenBytes},
		"endless shape":     {strings.Replace(twoTensors, "[2]", "[4294967296,4294967296]", 1), elevenBytes},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := parseWeights([]byte(c.list), c.bin); !errors.Is(err, errManifest) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func FuzzManifestNeverPanics(f *testing.F) {
	f.Add([]byte(twoTensors), elevenBytes)
	f.Add([]byte(`[{"weights":[{"name":"a","shape":[],"dtype":"float32"}]}]`), []byte{1, 2, 3, 4})
	f.Fuzz(func(t *testing.T, list, bin []byte) {
		m, err := parseWeights(list, bin)
		if err != nil && !errors.Is(err, errManifest) {
			t.Errorf("got %v", err)
		}
		for name, tensor := range m {
			if n, err := length(tensor.shape); err != nil || n != len(tensor.data) {
				t.Errorf("%q: shape %v for %d numbers", name, tensor.shape, len(tensor.data))
			}
		}
	})
}
