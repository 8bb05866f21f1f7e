package localapi

import (
	"bytes"
	"encoding/json"
)

// maxEncoded is the vendor's limit of one image in base64, and maxDecoded what it holds.
const (
	maxEncoded = 5 << 20
	maxDecoded = maxEncoded / 4 * 3
)

// The vendor's FaceMatchingStrategy: which face of several is meant.
const (
	mostConfident = 0
	largest       = 1
)

// compareRequest is the body of CompareFace.
type compareRequest struct {
	ImageA, ImageB       imageField
	UrlA, UrlB           string
	FaceModelVersion     string
	QualityControl       int
	NeedRotateDetection  int
	FaceMatchingStrategy *int
}

// imageField is an image as it stands in the JSON text. It decodes the base64 straight
// out of the request's buffer, so that no string with the image comes into being, and
// keeps what is wrong for later: the vendor has a code for each fault.
type imageField struct {
	given, tooLong, unreadable bool
	encoded                    int // bytes of base64
	data                       []byte
}

// UnmarshalJSON takes a string or null.
func (f *imageField) UnmarshalJSON(text []byte) error {
	clear(f.data)
	*f = imageField{}
	if bytes.Equal(text, []byte("null")) {
		return nil
	}
	if text[0] != '"' {
		return errParameter
	}
	f.given, f.encoded = true, len(text)-len(`""`)
	if f.encoded > maxEncoded {
		f.tooLong = true
		return nil
	}
	f.unreadable = json.Unmarshal(text, &f.data) != nil
	return nil
}

// parseCompare reads the body. The caller wipes the result, also when there is an error.
func parseCompare(body []byte) (*compareRequest, error) {
	q := new(compareRequest)
	if err := parse(body, q); err != nil {
		return q, err
	}
	return q, q.check()
}

// check holds the parameters other than the images against their ranges.
func (q *compareRequest) check() error {
	switch {
	case q.FaceModelVersion != modelVersion:
		return errModelVersion
	case q.QualityControl < 0 || q.QualityControl >= len(bars):
		return errQualityControl
	case q.NeedRotateDetection < 0 || q.NeedRotateDetection > 1:
		return errParameter
	case q.FaceMatchingStrategy != nil && *q.FaceMatchingStrategy != mostConfident && *q.FaceMatchingStrategy != largest:
		return errParameter
	}
	return nil
}

// check tells whether the field holds an image at all.
func (f *imageField) check() error {
	switch {
	case !f.given:
		return errParameterEmpty
	case f.tooLong:
		return errImageSize
	case f.unreadable:
		return errDecode
	case len(f.data) == 0:
		return errImageEmpty
	}
	return nil
}

func (q *compareRequest) wipe() {
	clear(q.ImageA.data)
	clear(q.ImageB.data)
}
