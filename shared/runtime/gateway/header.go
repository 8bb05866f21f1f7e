package gateway

import (
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"unicode/utf8"
)

// connectionFields speak of one connection and must not cross a gateway (RFC 9110
// section 7.6.1). Expect and Content-Length are for the gateway as well: it has
// read the body, and its length is known better here.
var connectionFields = []string{
	"Connection", "Content-Length", "Expect", "Keep-Alive", "Proxy-Authenticate",
	"Proxy-Authorization", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

// fold checks a request's header and brings it into the one shape that all
// platforms can give: canonical names, one value each, nothing hop-by-hop. A name
// in two spellings is refused, so that no value can hide behind another.
func fold(sent map[string][]string) (http.Header, error) {
	header := make(http.Header, len(sent))
	for name, values := range sent {
		if !isToken(name) {
			return nil, ErrMalformed
		}
		canonical := textproto.CanonicalMIMEHeaderKey(name)
		if _, twice := header[canonical]; twice {
			return nil, ErrMalformed
		}
		trimmed := make([]string, len(values))
		for i, value := range values {
			if !isFieldValue(value) {
				return nil, ErrMalformed
			}
			trimmed[i] = textproto.TrimString(value)
		}
		separator := ","
		if canonical == "Cookie" {
			separator = "; " // RFC 9113 section 8.2.3
		}
		if len(trimmed) > 0 {
			header[canonical] = []string{strings.Join(trimmed, separator)}
		}
	}
	dropConnectionFields(header)
	return header, nil
}

// dropConnectionFields removes what is about the connection, and what Connection
// itself names. Host stays in any case: without it the request would be another.
func dropConnectionFields(header http.Header) {
	for _, value := range header["Connection"] {
		for name := range strings.SplitSeq(value, ",") {
			if name = textproto.CanonicalMIMEHeaderKey(textproto.TrimString(name)); name != "Host" {
				delete(header, name)
			}
		}
	}
	for _, name := range connectionFields {
		delete(header, name)
	}
}

// clean is what leaves of a handler's header: fields that can stand in an HTTP
// message and in JSON, which has no broken UTF-8. net/http too leaves out a field
// whose name is none; one whose value could break the message fares no better.
func clean(set http.Header) http.Header {
	header := make(http.Header, len(set))
	for name, values := range set {
		unfit := func(v string) bool { return !isFieldValue(v) || !utf8.ValidString(v) }
		if !isToken(name) || slices.ContainsFunc(values, unfit) {
			continue
		}
		canonical := textproto.CanonicalMIMEHeaderKey(name)
		for _, value := range values {
			header[canonical] = append(header[canonical], textproto.TrimString(value))
		}
	}
	dropConnectionFields(header)
	return header
}

// isToken reports whether s can be a method or a field name (RFC 9110 section 5.6.2).
func isToken(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isAlphanumeric(c) && !strings.ContainsRune("!#$%&'*+-.^_`|~", rune(c)) {
			return false
		}
	}
	return s != ""
}

// isFieldValue reports whether s can be a field's value (RFC 9110 section 5.5).
func isFieldValue(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// isHost reports whether s can be a Host field (RFC 3986 section 3.2); empty too.
// There is no comma, although RFC 3986 has one: two hosts were joined by it.
func isHost(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isAlphanumeric(c) && !strings.ContainsRune("-._~!$&'()*+;=:[]%", rune(c)) {
			return false
		}
	}
	return true
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
