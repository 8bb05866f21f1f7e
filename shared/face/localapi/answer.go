package localapi

import (
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"time"

	"github.com/google/uuid"
)

const (
	maxBody        = 10 << 20 // the vendor's limit of a request signed by TC3
	compareTimeout = 30 * time.Second
)

// A product is one of the vendor's services, in the one version of it that is known.
type product struct {
	version string
	actions map[string]action
	// The two faults for which each service has a code of its own.
	malformed, unknownAction *apiError
}

// An action answers the body of a request, whose sender is known, with a struct of at
// least one field. The request is for its context and its host; its body has been read.
type action func(s *Server, r *http.Request, body []byte) (any, error)

// products are all that the local face API answers, by the service of the signature.
var products = map[string]product{
	"iai": {
		version:   "2020-03-03",
		malformed: errParameter, unknownAction: errUnknownMethod,
		actions: map[string]action{
			"CompareFace": compareFace,
		},
	},
	"faceid": {
		version:   "2018-03-01",
		malformed: errInvalidParameter, unknownAction: errInvalidAction,
		actions: map[string]action{
			"IdCardVerification":    verifyIDCard,
			"ImageRecognitionV2":    recognizeImage,
			"DetectAuth":            detectAuth,
			"GetDetectInfoEnhanced": detectInfo,
		},
	},
}

// answer authenticates the request and runs its action.
func (s *Server) answer(r *http.Request) (_ any, err error) {
	defer func() {
		if recover() != nil { // say nothing: a panic's text may hold what it met
			err = errInternal
		}
	}()
	who, err := s.identify(r)
	if err != nil {
		return nil, err
	}
	p := products[who.service]
	body, err := readBounded(r.Body, r.ContentLength, maxBody)
	defer clear(body)
	if errors.Is(err, errTooLong) {
		return nil, errRequestSize
	}
	if err != nil {
		return nil, p.malformed
	}
	if err := s.verify(r, who, body); err != nil {
		return nil, err
	}
	if r.Header.Get("X-TC-Version") != p.version {
		return nil, errNoSuchVersion
	}
	run, known := p.actions[r.Header.Get("X-TC-Action")]
	if !known {
		return nil, p.unknownAction
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, p.malformed
	}
	ctx, cancel := context.WithTimeout(r.Context(), compareTimeout)
	defer cancel()
	if s.standIn != nil {
		return s.standIn.answer(ctx)
	}
	result, err := run(s, r.WithContext(ctx), body)
	if errors.Is(err, errParameter) {
		err = p.malformed
	}
	return result, err
}

// trailer is what stands behind an action's own fields in every answer.
type trailer struct {
	Error     *apiError `json:",omitempty"`
	RequestID string    `json:"RequestId"`
}

// write sends the fields of a result, or an error, with a request's id.
func write(w http.ResponseWriter, result any, err error) {
	end := trailer{RequestID: uuid.NewString()}
	if err != nil {
		result = nil
		if !errors.As(err, &end.Error) {
			end.Error = errInternal
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	text := merged(result, end)
	defer clear(text)
	_, _ = w.Write(text) // if the client has gone, nobody is left to tell
}

// merged is the answer's text: one object with the members of both, in a buffer that
// does not grow.
func merged(result any, end trailer) []byte {
	const before, after = `{"Response":`, "}\n"
	tail, err := json.Marshal(end)
	if err != nil {
		panic(err) // strings alone
	}
	var head []byte
	if result != nil {
		if head, err = json.Marshal(result); err != nil {
			panic(err) // results are structs of ours
		}
		defer clear(head)
		tail[0] = ','
	}
	text := make([]byte, 0, len(before)+len(head)+len(tail)+len(after))
	text = append(text, before...)
	text = append(text, head[:max(0, len(head)-1)]...)
	text = append(text, tail...)
	return append(text, after...)
}
