package timestamp

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"time"
)

// Stamp is what a timestamp says.
type Stamp struct {
	Time time.Time
	// The rest is told by Verify alone: without a root there is nobody who says it.
	Authority string        // the name in its certificate
	Accuracy  time.Duration // zero if it tells none
}

// ErrNone says that bytes are no timestamp, or not of what they should be of.
var ErrNone = errors.New("timestamp: it is none of this")

func none(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNone, fmt.Sprintf(format, args...))
}

// Most is how large a timestamp may be. One with a chain of certificates has some 6,000
// bytes.
const Most = 64 << 10

// The fixed parts, in DER.
var (
	granted    = []byte{0x30, 3, 2, 1, 0}                                          // PKIStatusInfo
	signedData = []byte{6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2}         // 1.2.840.113549.1.7.2
	tstInfo    = []byte{6, 11, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 1, 4} // 1.2.840.113549.1.9.16.1.4
	sha256OID  = []byte{6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1}               // 2.16.840.1.101.3.4.2.1
	asn1Null   = []byte{5, 0}
	version1   = []byte{2, 1, 1}
)

// Tags.
const (
	integer   = 0x02
	octets    = 0x04
	object    = 0x06
	instant   = 0x18 // GeneralizedTime
	sequence  = 0x30
	set       = 0x31
	explicit0 = 0xa0
)

// Read reads what a timestamp says, and that it is of these bytes. It is written so that it
// can be written again from docs/verify.md, in any language: it looks at each field on the
// way to the time, and at nothing behind it. Who says it, Read does not know.
func Read(tsr, message []byte) (s Stamp, err error) {
	info, err := infoOf(tsr)
	if err != nil {
		return s, err
	}
	d := der{rest: info}
	d.literal(version1)
	d.take(object) // the authority's policy
	imprint := d.within(sequence)
	d.take(integer) // its serial number
	at := d.take(instant)
	algorithm := imprint.within(sequence)
	hash := imprint.take(octets)
	imprint.end()
	algorithm.literal(sha256OID)
	if len(algorithm.rest) > 0 {
		algorithm.literal(asn1Null)
	}
	algorithm.end()
	want := sha256.Sum256(message)
	switch {
	case d.bad || imprint.bad || algorithm.bad:
		return s, none("it is not written as RFC 3161 has it, with SHA-256")
	case !bytes.Equal(hash, want[:]):
		return s, none("it is of other bytes")
	}
	s.Time, err = parseTime(at)
	return s, err
}

// infoOf finds the TSTInfo, which is what the authority signs, without the header of its own.
func infoOf(tsr []byte) ([]byte, error) {
	token, err := tokenOf(tsr)
	if err != nil {
		return nil, err
	}
	outer := der{rest: token}
	d := outer.within(sequence)
	outer.end()
	d.literal(signedData)
	wrapped := d.within(explicit0)
	d.end()
	signed := wrapped.within(sequence)
	wrapped.end()
	signed.take(integer)
	signed.take(set)
	content := signed.within(sequence) // certificates and signatures follow
	content.literal(tstInfo)
	inside := content.within(explicit0)
	content.end()
	text := inside.within(octets)
	inside.end()
	info := text.take(sequence)
	text.end()
	for _, d := range []*der{&outer, &d, &wrapped, &signed, &content, &inside, &text} {
		if d.bad {
			return nil, none("it is not written as RFC 3161 and CMS have it, in DER")
		}
	}
	return info, nil
}

// tokenOf takes the token out of the response that is kept.
func tokenOf(tsr []byte) ([]byte, error) {
	if len(tsr) > Most {
		return nil, none("it is larger than %d bytes", Most)
	}
	d := der{rest: tsr}
	response := d.within(sequence)
	d.end()
	response.literal(granted)
	token := response.rest
	response.take(sequence)
	response.end()
	if d.bad || response.bad {
		return nil, none("it is no granted TimeStampResp")
	}
	return token, nil
}

var generalized = regexp.MustCompile(`^([0-9]{14})(\.[0-9]+)?Z$`)

// parseTime reads whole seconds; what is beyond counts as accuracy does.
func parseTime(text []byte) (time.Time, error) {
	m := generalized.FindSubmatch(text)
	if m == nil {
		return time.Time{}, none("its time is none")
	}
	at, err := time.Parse("20060102150405", string(m[1]))
	if err != nil || at.Year() == 0 {
		return time.Time{}, none("its time is none")
	}
	return at, nil
}

// der reads elements one after the other, strictly: tags of one byte, and the shortest
// length. After the first fault it is bad and stays so.
type der struct {
	rest []byte
	bad  bool
}

// take takes the next element, which must have the tag, and gives its content.
func (d *der) take(tag byte) []byte {
	content, rest, ok := element(d.rest, tag)
	if d.bad = d.bad || !ok; d.bad {
		d.rest = nil
		return nil
	}
	d.rest = rest
	return content
}

func (d *der) within(tag byte) der {
	content := d.take(tag)
	return der{rest: content, bad: d.bad}
}

// literal takes bytes that can only be these.
func (d *der) literal(want []byte) {
	rest, found := bytes.CutPrefix(d.rest, want)
	d.rest, d.bad = rest, d.bad || !found
}

func (d *der) end() { d.bad = d.bad || len(d.rest) > 0 }

func element(b []byte, tag byte) (content, rest []byte, ok bool) {
	if len(b) < 2 || b[0] != tag {
		return nil, nil, false
	}
	n, b := int(b[1]), b[2:]
	if n >= 0x80 {
		more := n & 0x7f
		if more == 0 || more > 3 || len(b) < more || b[0] == 0 {
			return nil, nil, false
		}
		n = 0
		for _, x := range b[:more] {
			n = n<<8 | int(x)
		}
		if b = b[more:]; n < 0x80 {
			return nil, nil, false
		}
	}
	if n > len(b) {
		return nil, nil, false
	}
	return b[:n], b[n:], true
}
