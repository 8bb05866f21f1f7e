// Package tencent calls Tencent Cloud's face APIs: the products IAI (version 2020-03-03),
// which compares two photos, and FaceID (version 2018-03-01), which asks the authority.
//
// A call is made once: one that broke off may have been billed and is not repeated.
// Its body, which holds an image or a name, is signed and sent as it lies in memory, so
// that it can be wiped after it. Nothing of a call is written anywhere.
package tencent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"

	"nod/shared/domain"
	"nod/shared/face"
	"nod/shared/face/envelope"
	"nod/shared/trace"
)

// Config of the vendor's API.
type Config struct {
	Endpoint       string // of IAI: https://iai.tencentcloudapi.com, or the local face API's address
	FaceIDEndpoint string // of FaceID
	Region         string
	SecretID       face.Redacted
	SecretKey      face.Redacted
	Token          face.Redacted // of temporary credentials; may be empty

	Rule      string // RuleId of the vendor's hosted page; without one the route hosted is closed
	Algorithm string // that names and ID numbers are encrypted by, beneath TLS; empty for none
	PublicKey []byte // the vendor's, PEM
}

// API is safe for concurrent use.
type API struct {
	credential  common.CredentialIface
	region      string
	iai, faceID product
	rule        string
	sealer      *envelope.Sealer // nil where fields are not encrypted
	dialer      net.Dialer
}

// modelVersion is sent always: old accounts default to 2.0, whose scores mean
// something else.
const modelVersion = "3.0"

// qualityControl 1 turns away pictures that are too poor to compare, which costs
// the person a retake and not an attempt.
const qualityControl = 1

// New makes a client; it connects to nothing yet.
func New(c Config) (*API, error) {
	for _, text := range []face.Redacted{c.SecretID, c.SecretKey, c.Token, face.Redacted(c.Region)} {
		if strings.ContainsFunc(string(text), func(r rune) bool { return r <= ' ' || r > '~' }) {
			return nil, errors.New("tencent: a credential or the region has characters that none has")
		}
	}
	a := &API{
		credential: common.NewTokenCredential(string(c.SecretID), string(c.SecretKey), string(c.Token)),
		region:     c.Region, rule: c.Rule,
		dialer: net.Dialer{Timeout: 5 * time.Second},
	}
	var err error
	if a.iai, err = newProduct(iai, iaiVersion, c.Endpoint); err != nil {
		return nil, err
	}
	if a.faceID, err = newProduct(faceID, faceIDVersion, c.FaceIDEndpoint); err != nil {
		return nil, err
	}
	if c.Algorithm != "" {
		if a.sealer, err = envelope.New(c.Algorithm, c.PublicKey); err != nil {
			return nil, fmt.Errorf("tencent: the vendor's public key: %w", err)
		}
	}
	return a, nil
}

// Compare makes the call that the Permit's route asks for: liveness first where the notice
// says so and there is a face, then the comparison, both within the Permit's deadline.
func (a *API) Compare(ctx context.Context, p *domain.Permit, c domain.Comparison) domain.Outcome {
	route := p.Route()
	if route == domain.Hosted {
		return domain.Inconclusive(domain.PermitForbidden)
	}
	ctx, cancel, err := p.Spend(ctx, route)
	if err != nil {
		return domain.Inconclusive(domain.PermitForbidden)
	}
	defer cancel()
	lively := p.Liveness() && route.TakesFace()
	if lively {
		if o, live := a.live(ctx, c.Capture); !live {
			return o
		}
	}
	var o domain.Outcome
	switch route {
	case domain.Photo:
		o = a.compare(ctx, p, c)
	case domain.Authority:
		o = a.authority(ctx, c)
	default:
		o = a.twoFactor(ctx, c)
	}
	o.Liveness = lively && o.Result != domain.NotPerformed
	return o
}

func (a *API) compare(ctx context.Context, p *domain.Permit, c domain.Comparison) domain.Outcome {
	score, o := a.score(ctx, "CompareFace", struct {
		UrlB             string
		FaceModelVersion string
		QualityControl   int
	}{c.Reference.PhotoURL, modelVersion, qualityControl}, "ImageA", c.Capture)
	if o != nil {
		return *o
	}
	return face.Judge(score, p.FalseAccept())
}

// live asks whether the capture shows a living person. One that does not is turned
// back like any unfit picture: a photo of a photo says nothing about who holds it.
func (a *API) live(ctx context.Context, capture *domain.Capture) (domain.Outcome, bool) {
	score, o := a.score(ctx, "DetectLiveFaceAccurate", struct{ FaceModelVersion string }{modelVersion}, "Image", capture)
	switch {
	case o != nil:
		return *o, false
	case score < face.LiveScore:
		return domain.Inconclusive(domain.NotLive), false
	}
	return domain.Outcome{}, true
}

// score makes a call of IAI, whose answer is a score from 0 to 100, or says what came
// instead.
func (a *API) score(ctx context.Context, action string, parameters any, image string, capture *domain.Capture) (float64, *domain.Outcome) {
	b, err := newBody(parameters, image, capture.Base64())
	if err != nil {
		return 0, new(domain.Inconclusive(domain.Internal))
	}
	said, o := a.ask(ctx, a.iai, action, b)
	if o != nil {
		return 0, o
	}
	score, sound := said.score()
	if !sound {
		return 0, new(domain.Inconclusive(domain.FaceAPIGarbled))
	}
	return score, nil
}

// ask makes a call and returns its answer, or what its failing means.
func (a *API) ask(ctx context.Context, p product, action string, b body) (said answer, o *domain.Outcome) {
	ctx, span := trace.Call(ctx, action)
	defer func() {
		if o != nil {
			span.Word(trace.Reason, string(o.Reason))
			span.Word(trace.Upstream, o.Upstream)
			span.Fail()
		}
		span.End(nil)
	}()
	said, err := a.call(ctx, p, action, b)
	if err != nil {
		return said, new(inconclusive(ctx, err))
	}
	if code := said.code(); code != "" {
		return said, new(Meaning(code))
	}
	if said.Response == nil {
		return said, new(domain.Inconclusive(domain.FaceAPIGarbled))
	}
	return said, nil
}

// inconclusive maps what went wrong on the way.
func inconclusive(ctx context.Context, err error) domain.Outcome {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return domain.Inconclusive(domain.FaceAPISlow)
	case ctx.Err() != nil: // the caller went away
		return domain.Inconclusive(domain.FaceAPIDown)
	case errors.Is(err, errGarbled):
		return domain.Inconclusive(domain.FaceAPIGarbled)
	}
	return domain.Inconclusive(domain.FaceAPIDown)
}
