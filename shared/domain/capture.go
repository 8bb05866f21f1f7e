package domain

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// CaptureKind is where the image came from.
type CaptureKind string

const (
	FromStream CaptureKind = "stream" // the page's camera
	FromPhoto  CaptureKind = "photo"  // a file that the person chose
)

// Capture is the image in memory, as the base64 text that arrived. It holds the
// one slice it was given, never copies it, and cannot be printed, logged,
// marshalled or stored: each of these yields a fixed word or an error. The text is
// held by a function, because package fmt asks no method of a field that is not
// exported and may follow its pointer, and no printer can look into a function.
// Whoever receives a Capture wipes it before answering.
//
// A Capture is not safe for concurrent use.
type Capture struct{ held func() *held }

type held struct {
	text    []byte
	kind    CaptureKind
	decoded decoded
}

// NewCapture takes over text, standard base64 with padding. The caller must not
// use the slice afterwards; Wipe overwrites it.
func NewCapture(text []byte, kind CaptureKind) *Capture {
	h := &held{text: text, kind: kind}
	return &Capture{func() *held { return h }}
}

// Kind tells a camera's picture from a chosen file.
func (c *Capture) Kind() CaptureKind {
	if c.held == nil {
		return ""
	}
	return c.held().kind
}

// Base64 lends the text to the one call that sends it. It must not be kept,
// copied or changed.
func (c *Capture) Base64() []byte {
	if c.held == nil {
		return nil
	}
	return c.held().text
}

// Wipe overwrites the image. It may be called more than once.
func (c *Capture) Wipe() {
	if c == nil || c.held == nil {
		return
	}
	h := c.held()
	clear(h.text)
	h.text = nil
}

const captureWord = "[capture]"

// ErrCapture is what every attempt to write a Capture somewhere returns.
var ErrCapture = errors.New("domain: a capture cannot be written")

// Format answers every verb of package fmt with a fixed word.
func (Capture) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, captureWord) }

// String and the methods below close the other ways out: logs, JSON, text, gob
// and database drivers.
func (Capture) String() string               { return captureWord }
func (Capture) LogValue() slog.Value         { return slog.StringValue(captureWord) }
func (Capture) MarshalJSON() ([]byte, error) { return nil, ErrCapture }
func (Capture) MarshalText() ([]byte, error) { return nil, ErrCapture }
func (Capture) GobEncode() ([]byte, error)   { return nil, ErrCapture }
func (Capture) Value() (driver.Value, error) { return nil, ErrCapture }
