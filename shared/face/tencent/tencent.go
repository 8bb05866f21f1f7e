// Package tencent calls Tencent Cloud's face API (product IAI, version 2020-03-03)
// through the vendor's SDK.
//
// A call is made once: the SDK's retries, its switch to a backup region and its
// debug output (which prints whole bodies, faces included) are off and stay off. A
// call that broke off may have been billed and is not repeated.
package tencent

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unsafe"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	sdkerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	iai "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/iai/v20200303"

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
type API struct{ client *iai.Client }

// modelVersion is sent always: old accounts default to 2.0, whose scores mean
// something else.
const modelVersion = "3.0"

// qualityControl 1 turns away pictures that are too poor to compare, which costs
// the person a retake and not an attempt.
const qualityControl = 1

// New makes a client; it connects to nothing yet.
func New(c Config) (*API, error) {
	endpoint, err := url.Parse(c.Endpoint)
	if err != nil || endpoint.Host == "" {
		return nil, errors.New("tencent: the face endpoint is not an address")
	}
	p := profile.NewClientProfile()
	p.HttpProfile.Scheme = strings.ToUpper(endpoint.Scheme)
	p.HttpProfile.Endpoint = endpoint.Host
	p.HttpProfile.ReqTimeout = 60 // the Permit's deadline is shorter
	p.SignMethod = "TC3-HMAC-SHA256"
	p.DisableRegionBreaker = true
	p.NetworkFailureMaxRetries = 0
	p.RateLimitExceededMaxRetries = 0
	p.UnsafeRetryOnConnectionFailure = false
	p.Debug = false
	credential := common.NewTokenCredential(string(c.SecretID), string(c.SecretKey), string(c.Token))
	client, err := iai.NewClient(credential, c.Region, p)
	if err != nil {
		return nil, errors.New("tencent: the client cannot be made")
	}
	client.WithHttpTransport(&plain{http.Transport{
		TLSHandshakeTimeout: 5 * time.Second,
		IdleConnTimeout:     60 * time.Second,
		MaxIdleConnsPerHost: 4,
		DisableCompression:  true,
	}})
	return &API{client: client}, nil
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
	r := iai.NewCompareFaceRequest()
	r.ImageA = lent(c.Capture)
	r.UrlB = common.StringPtr(c.Reference.PhotoURL)
	r.FaceModelVersion = common.StringPtr(modelVersion)
	r.QualityControl = common.Uint64Ptr(qualityControl)
	answer, err := a.client.CompareFaceWithContext(ctx, r)
	if err != nil {
		return inconclusive(ctx, err)
	}
	x := answer.Response
	if x == nil || x.Score == nil || x.FaceModelVersion == nil || *x.FaceModelVersion != modelVersion {
		return domain.Inconclusive(domain.FaceAPIGarbled)
	}
	return face.Judge(*x.Score, p.FalseAccept())
}

// live asks whether the capture shows a living person. One that does not is turned
// back like any unfit picture: a photo of a photo says nothing about who holds it.
func (a *API) live(ctx context.Context, capture *domain.Capture) (domain.Outcome, bool) {
	r := iai.NewDetectLiveFaceAccurateRequest()
	r.Image = lent(capture)
	r.FaceModelVersion = common.StringPtr(modelVersion)
	answer, err := a.client.DetectLiveFaceAccurateWithContext(ctx, r)
	if err != nil {
		return inconclusive(ctx, err), false
	}
	x := answer.Response
	if x == nil || x.Score == nil || *x.Score < 0 || *x.Score > 100 ||
		x.FaceModelVersion == nil || *x.FaceModelVersion != modelVersion {
		return domain.Inconclusive(domain.FaceAPIGarbled), false
	}
	if *x.Score < face.LiveScore {
		return domain.Inconclusive(domain.NotLive), false
	}
	return domain.Outcome{}, true
}

// lent views the capture's text as a string without copying it. The SDK reads it
// while the call lasts; the capture is wiped after that.
func lent(c *domain.Capture) *string {
	b := c.Base64()
	s := unsafe.String(unsafe.SliceData(b), len(b))
	return &s
}

// inconclusive maps what went wrong. The error's text is dropped: it can hold
// pieces of the request.
func inconclusive(ctx context.Context, err error) domain.Outcome {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return domain.Inconclusive(domain.FaceAPISlow)
	}
	if ctx.Err() != nil { // the caller went away
		return domain.Inconclusive(domain.FaceAPIDown)
	}
	var sdk *sdkerrors.TencentCloudSDKError
	if !errors.As(err, &sdk) {
		return domain.Inconclusive(domain.FaceAPIDown)
	}
	return Meaning(sdk.GetCode())
}

// plain lets through what a sound answer looks like, before the SDK sees it: status
// 200 (errors of the vendor have it too) and a JSON object of a size that is read
// whole; a real one has a few hundred bytes. The SDK would follow a redirect, and
// send the face to whatever address it names, and panics on a body that is null.
type plain struct{ http.Transport }

const maxAnswer = 64 << 10

var errNoAnswer = errors.New("tencent: no answer of the API")

func (p *plain) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := p.Transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, errNoAnswer
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		body = nil
	}
	sound := *resp
	sound.Body = io.NopCloser(bytes.NewReader(body))
	return &sound, nil
}
