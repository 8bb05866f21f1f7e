package residue

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"nod/shared/face/localapi/register"
)

// identity is a name and an ID number like no other: of letters that no name has
// together, and of a place that is none (119999).
type identity struct{ name, number string }

func newIdentity() identity {
	const first, letters, length = '\u4e00', 0x5000, 6
	var name strings.Builder
	for range length {
		name.WriteRune(first + rune(below(letters)))
	}
	birth := time.Date(1950+below(50), time.Month(1+below(12)), 1+below(28), 0, 0, 0, 0, time.UTC)
	return identity{name.String(), register.Number(birth, below(1000))}
}

func below(n int64) int {
	at, err := rand.Int(rand.Reader, big.NewInt(n))
	if err != nil {
		panic(err) // it never fails: see crypto/rand
	}
	return int(at.Int64())
}

// fields are the members of a body that name somebody.
func (i identity) fields() string { return fmt.Sprintf(`"name":%q,"id_number":%q`, i.name, i.number) }

// escaped is the same with every letter of the name escaped.
func (i identity) escaped() string {
	return fmt.Sprintf(`"name":"%s","id_number":%q`, units(i.name, `\u%04x`), i.number)
}

// misspelt is another number, with a check digit that is wrong.
func (i identity) misspelt() identity {
	last := "0"
	if strings.HasSuffix(i.number, last) {
		last = "1"
	}
	return identity{i.name, i.number[:len(i.number)-1] + last}
}

// shapes are all the ways in which the name and the number may lie in a memory. Of the
// number all but the check digit is looked for.
func (i identity) shapes() (list []text) {
	for what, value := range map[string]string{"name": i.name, "ID number": i.number[:17]} {
		list = append(list, text{what + " in UTF-8", []byte(value)}, text{what + " in hex", []byte(hex.EncodeToString([]byte(value)))},
			text{what + " in hex, capitals", []byte(strings.ToUpper(hex.EncodeToString([]byte(value))))})
		var wide []byte
		for _, u := range utf16.Encode([]rune(value)) {
			wide = append(wide, byte(u), byte(u>>8))
		}
		list = append(list, text{what + " in UTF-16", wide})
		for before := range 3 {
			list = append(list, text{what + " in base64", inBase64(before, value)})
		}
		list = append(list, text{what + ", escaped in JSON", []byte(units(value, `\u%04x`))}, text{what + ", escaped in JSON, capitals", []byte(units(value, `\u%04X`))})
	}
	return slices.CompactFunc(list, func(a, b text) bool { return bytes.Equal(a.data, b.data) }) // digits have no capitals
}

func units(value, form string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(value)) {
		fmt.Fprintf(&b, form, u)
	}
	return b.String()
}

// inBase64 is the part of a base64 text that stands for a value alone, when so many bytes
// stand before it in their group of three.
func inBase64(before int, value string) []byte {
	text := base64.RawStdEncoding.EncodeToString(append(make([]byte, before), value...))
	from := []int{0, 2, 3}[before]
	whole := (before + len(value)) / 3 * 4
	return []byte(text[from:whole])
}

// findWhole returns where the values of an identity are.
func findWhole(values []text, mem []byte) (runs []Remnant) {
	for _, v := range values {
		for from := 0; ; {
			at := bytes.Index(mem[from:], v.data)
			if at < 0 {
				break
			}
			runs = append(runs, Remnant{Shape: v.name, Length: len(v.data)})
			from += at + len(v.data)
		}
	}
	return runs
}

// named tells whether a call names the person, encrypted or not.
func (v *vendor) named(body []byte, who identity) bool {
	var sent struct {
		IdCard, Name string
		Encryption   *encryption
	}
	if json.Unmarshal(body, &sent) != nil {
		return false
	}
	if sent.Encryption == nil {
		return sent.IdCard == who.number && sent.Name == who.name
	}
	opened, err := v.opener.Open(*sent.Encryption, [][]byte{[]byte(sent.IdCard), []byte(sent.Name)})
	return err == nil && string(opened[0]) == who.number && string(opened[1]) == who.name
}
