package secrets

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// most is how much of an answer is read.
const most = 1 << 20

// atOnce is how many parameters one call of GetParameters takes, by its documentation.
const atOnce = 10

// direct follows no redirects: what is signed is for one place.
var direct = http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// parameterStore asks AWS Systems Manager, by its action GetParameters, with the credentials
// of the function's role, which Lambda puts into the environment. The SDK's own client for
// it would make each function some megabytes larger; its signer does not.
func parameterStore(ctx context.Context, o Options, names []string) (values map[string]string, err error) {
	who := aws.Credentials{
		AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"), SessionToken: os.Getenv("AWS_SESSION_TOKEN"),
	}
	if who.AccessKeyID == "" || who.SecretAccessKey == "" {
		return nil, errors.New("there are no credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are those of the function's role")
	}
	endpoint := o.AWS
	if endpoint == "" {
		endpoint = "https://ssm." + o.Region + ".amazonaws.com.cn"
	}
	values = map[string]string{}
	for chunk := range slices.Chunk(names, atOnce) {
		if err := parameters(ctx, endpoint, o.Region, who, chunk, values); err != nil {
			return values, err
		}
	}
	return values, nil
}

func parameters(ctx context.Context, endpoint, region string, who aws.Credentials, names []string, into map[string]string) error {
	body, err := json.Marshal(map[string]any{"Names": names, "WithDecryption": true})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint+"/", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AmazonSSM.GetParameters")
	hash := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, who, r, hex.EncodeToString(hash[:]), "ssm", region, time.Now()); err != nil {
		return err
	}
	resp, err := direct.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, most))
	if err != nil {
		return err
	}
	var answer struct {
		Type       string `json:"__type"` // of a fault
		Parameters []struct{ Name, Value string }
	}
	if err := json.Unmarshal(text, &answer); err != nil || resp.StatusCode != http.StatusOK {
		return fmt.Errorf("it answers %s %s", resp.Status, answer.Type)
	}
	for _, p := range answer.Parameters {
		into[p.Name] = p.Value
	}
	return nil
}
