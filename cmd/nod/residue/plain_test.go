package residue

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	iai "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/iai/v20200303"
	"github.com/tencentyun/scf-go-lib/cloudfunction"

	"nod/shared/app"
	"nod/shared/boot"
	"nod/shared/config"
	"nod/shared/domain"
	"nod/shared/face"
)

// plainFunction is verify as the clouds' and the vendor's documents show it: their
// loops, encoding/json, and the SDK. The gate, the store and the rest are the same.
func plainFunction() error {
	c, err := config.Load(config.Face, config.Cloud)
	if err != nil {
		return err
	}
	n, err := boot.New(c, os.Stderr, boot.Face)
	if err != nil {
		return err
	}
	if n.API.Checks.Face, err = newSDK(c); err != nil {
		return err
	}
	verify := counting(n.Verify())
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" {
		lambda.Start(func(ctx context.Context, e events.LambdaFunctionURLRequest) (plainAnswer, error) {
			return answered(ctx, verify, e.RequestContext.HTTP.Method, e.RawPath, e.Headers, e.Body), nil
		})
	}
	cloudfunction.Start(func(ctx context.Context, e struct {
		HTTPMethod, Path, Body string
		Headers                map[string]string
	}) (plainAnswer, error) {
		return answered(ctx, verify, e.HTTPMethod, e.Path, e.Headers, e.Body), nil
	})
	return nil
}

type plainAnswer struct {
	StatusCode int               `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
}

func answered(ctx context.Context, h http.Handler, method, path string, header map[string]string, body string) plainAnswer {
	r := httptest.NewRequestWithContext(ctx, method, "https://"+header["host"]+path, strings.NewReader(body))
	for name, value := range header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	said := map[string]string{}
	for name := range w.Header() {
		said[name] = w.Header().Get(name)
	}
	return plainAnswer{w.Code, said, w.Body.String()}
}

// allocated is the header in which a variant tells how many bytes it has allocated since
// it started.
const allocated = "X-Allocated"

func counting(verify http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		w.Header().Set(allocated, strconv.FormatUint(m.TotalAlloc, 10))
		verify.ServeHTTP(w, r)
	})
}

// bySDK is the face API by the vendor's client.
type bySDK struct {
	app.FaceAPI // for the calls that are not measured
	client      *iai.Client
}

func newSDK(c config.Config) (bySDK, error) {
	p := profile.NewClientProfile()
	p.HttpProfile.Endpoint = strings.TrimPrefix(c.FaceEndpoint, "https://")
	client, err := iai.NewClient(common.NewCredential(string(c.FaceID), string(c.FaceKey)), c.Region, p)
	return bySDK{client: client}, err
}

func (s bySDK) Compare(ctx context.Context, p *domain.Permit, c domain.Comparison) domain.Outcome {
	ctx, cancel, err := p.Spend(ctx, domain.Photo)
	if err != nil {
		return domain.Inconclusive(domain.PermitForbidden)
	}
	defer cancel()
	r := iai.NewCompareFaceRequest()
	r.ImageA, r.UrlB = new(string(c.Capture.Base64())), &c.Reference.PhotoURL
	r.FaceModelVersion, r.QualityControl = new("3.0"), new(uint64(1))
	answer, err := s.client.CompareFaceWithContext(ctx, r)
	if err != nil {
		fmt.Fprintln(os.Stderr, "SDK:", err)
		return domain.Inconclusive(domain.FaceAPIDown)
	}
	return face.Judge(*answer.Response.Score, p.FalseAccept())
}
