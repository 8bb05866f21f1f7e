// Package tencent calls Tencent Cloud's face API (product IAI, version 2020-03-03).
//
// A call is made once: one that broke off may have been billed and is not repeated.
// Its body, which holds the image, is signed and sent as it lies in memory, so that the
// image can be wiped after it. Nothing of a call is written anywhere.
package tencent

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"

	"nod/shared/domain"
	"nod/shared/face"
)

// Config of the vendor's API.
type Config struct {
	Endpoint  string // https://iai.tencentcloudapi.com, or the local face API's address
	Region    string
	SecretID  face.Redacted
	SecretKey face.Redacted
	Token     face.Redacted // of temporary credentials; may be empty
}

// API is safe for concurrent use.
type API struct {
	credential common.CredentialIface
	region     string
	host       string // as it is signed
	address    string
	dialer     net.Dialer
	tls        *tls.Config // nil without TLS, as the local face API is
}

// modelVersion is sent always: old accounts default to 2.0, whose scores mean
// something else.
const modelVersion = "3.0"

// qualityControl 1 turns away pictures that are too poor to compare, which costs
// the person a retake and not an attempt.
const qualityControl = 1

// New makes a client; it connects to nothing yet.
func New(c Config) (*API, error) {
	endpoint, err := url.Parse(c.Endpoint)
	if err != nil || endpoint.Hostname() == "" {
		return nil, errors.New("tencent: the face endpoint is not an address")
	}
	for _, text := range []face.Redacted{c.SecretID, c.SecretKey, c.Token, face.Redacted(c.Region)} {
		if strings.ContainsFunc(string(text), func(r rune) bool { return r <= ' ' || r > '~' }) {
			return nil, errors.New("tencent: a credential or the region has characters that none has")
		}
	}
	a := &API{
		credential: common.NewTokenCredential(string(c.SecretID), string(c.SecretKey), string(c.Token)),
		region:     c.Region, host: endpoint.Host,
		dialer: net.Dialer{Timeout: 5 * time.Second},
	}
	port := "80"
	if endpoint.Scheme == "https" {
		port = "443"
		a.tls = &tls.Config{
			ServerName: endpoint.Hostname(), MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
			ClientSessionCache: tls.NewLRUClientSessionCache(0),
			// Small records at first would help somebody who shows what comes; here all of
			// it is needed.
			DynamicRecordSizingDisabled: true,
		}
	}
	a.address = net.JoinHostPort(endpoint.Hostname(), cmp.Or(endpoint.Port(), port))
	return a, nil
}

// Compare makes the call that the Permit is for: liveness first where the notice
// says so, then the comparison, both within the Permit's deadline.
func (a *API) Compare(ctx context.Context, p *domain.Permit, c domain.Comparison) domain.Outcome {
	ctx, cancel, err := p.Spend(ctx, domain.Photo)
	if err != nil {
		return domain.Inconclusive(domain.PermitForbidden)
	}
	defer cancel()
	if p.Liveness() {
		if o, live := a.live(ctx, c.Capture); !live {
			return o
		}
	}
	o := a.compare(ctx, p, c)
	o.Liveness = p.Liveness() && o.Result != domain.NotPerformed
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

// score makes a call whose answer is a score from 0 to 100, or says what came instead.
func (a *API) score(ctx context.Context, action string, parameters any, image string, capture *domain.Capture) (float64, *domain.Outcome) {
	b, err := newBody(parameters, image, capture.Base64())
	if err != nil {
		return 0, new(domain.Inconclusive(domain.Internal))
	}
	said, err := a.call(ctx, action, b)
	if err != nil {
		return 0, new(inconclusive(ctx, err))
	}
	if code := said.code(); code != "" {
		return 0, new(Meaning(code))
	}
	score, sound := said.score()
	if !sound {
		return 0, new(domain.Inconclusive(domain.FaceAPIGarbled))
	}
	return score, nil
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
