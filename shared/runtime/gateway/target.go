package gateway

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// What cannot stand literally in a path or a query on the wire. Everything else is
// taken as it is, and net/url makes of it what it makes on every platform.
const (
	notInPath  = " \"#<>?\\^`{|}"
	notInQuery = " \"#<>\\^`{|}"
	notInPart  = notInQuery + "&" // a query's name or value
)

// target is the request's target in origin form. Some gateways hand over the path
// as it was on the wire (Function URLs and load balancers), others decoded (AWS
// HTTP APIs, middleapi/standard-server#93), so only what cannot have been on the
// wire is encoded. A path that does not start with a slash (an absolute URL, say)
// is refused: the host has its own place.
func target(path, query string) (string, error) {
	if !strings.HasPrefix(path, "/") || hasControl(path) || hasControl(query) {
		return "", ErrMalformed
	}
	uri := encode(path, notInPath)
	if query != "" {
		uri += "?" + encode(query, notInQuery)
	}
	return uri, nil
}

// SamePath reports whether two fields of an event mean one path, be it that one of
// them is decoded.
func SamePath(a, b string) bool {
	if a == b {
		return true
	}
	return decoded(a) == decoded(b) || decoded(a) == b || a == decoded(b)
}

func decoded(path string) string {
	if plain, err := url.PathUnescape(path); err == nil {
		return plain
	}
	return path
}

// Query is a query string that a gateway has taken apart. The order of different
// names is lost there; theirs is alphabetical here.
type Query map[string][]string

// Encoded joins parts that were left in their encoding.
func (q Query) Encoded() string {
	return q.join(func(part string) string { return encode(part, notInPart) })
}

// Guessed joins parts of which nobody says whether they were decoded: one that
// holds percent-encodings and nothing that would have to be encoded counts as not
// yet decoded. Only a value that reads "%41" after decoding is taken wrongly, and
// it stays one value.
func (q Query) Guessed() string {
	return q.join(func(part string) string {
		if strings.Contains(part, "%") && encode(part, notInPart) == part {
			return part
		}
		return url.QueryEscape(part)
	})
}

func (q Query) join(encoding func(string) string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(q)) {
		for _, value := range q[name] {
			if b.Len() > 0 {
				b.WriteByte('&')
			}
			b.WriteString(encoding(name) + "=" + encoding(value))
		}
	}
	return b.String()
}

// encode percent-encodes the given characters, non-ASCII bytes, and a percent sign
// that begins no encoding.
func encode(s, impossible string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 0x80 || strings.IndexByte(impossible, c) >= 0 || c == '%' && !isEncoding(s[i:]) {
			const digits = "0123456789ABCDEF"
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

func isEncoding(s string) bool {
	return len(s) >= 3 && isHex(s[1]) && isHex(s[2])
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}
