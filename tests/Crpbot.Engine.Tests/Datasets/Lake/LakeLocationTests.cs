using Crpbot.Datasets.Lake;
using Crpbot.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Xunit;

namespace Crpbot.Engine.Tests.Datasets.Lake;

/// <summary>Where a lake is said to be, and whether the judge of signatures judges well.</summary>
public class LakeLocationTests
{
    [Theory]
    [InlineData("s3://my-bucket", "my-bucket", "")]
    [InlineData("s3://my-bucket/", "my-bucket", "")]
    [InlineData("s3://my.bucket.1/a", "my.bucket.1", "a/")]
    [InlineData("S3://abc/a b/c=d/", "abc", "a b/c=d/")]
    public void ABucketAndAPrefixAreRead(string text, string bucket, string prefix) => Assert.Equal(new S3Location(text, bucket, prefix), S3Location.Parse(text));

    [Theory]
    [InlineData("s3:my-bucket/a", "does not begin with s3://")]
    [InlineData("s3:/my-bucket/a", "does not begin with s3://")]
    [InlineData("s3://", "'' is no bucket name")]
    [InlineData("s3://My-Bucket/a", "'My-Bucket' is no bucket name")]
    [InlineData("s3://ab/a", "'ab' is no bucket name")]
    [InlineData("s3://-abc/a", "'-abc' is no bucket name")]
    [InlineData("s3://key:secret@bucket/a", "is no bucket name")]
    [InlineData("s3://my-bucket/a//b", "an empty or a dotted part")]
    [InlineData("s3://my-bucket/../b", "an empty or a dotted part")]
    [InlineData("gs://my-bucket/a", "no storage is called gs")]
    [InlineData("https://my-bucket.example/a", "no storage is called https")]
    [InlineData("", "is empty")]
    [InlineData("  ", "is empty")]
    public void ABadLocationIsRefused(string text, string why)
    {
        string message = Assert.Throws<FormatException>(() => LakeStorage.Open(text)).Message;
        Assert.Contains(why, message, StringComparison.Ordinal);
        Assert.EndsWith("s3://bucket/prefix", message, StringComparison.Ordinal);
    }

    /// <summary>The example that AWS publishes for a GET with a range.</summary>
    [Theory]
    [InlineData("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41", null)]
    [InlineData("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb42", "SignatureDoesNotMatch")]
    public void TheJudgeOfSignaturesAgreesWithThePublishedExample(string signature, string? refusal)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = "/test.txt";
        context.Request.Headers.Host = "examplebucket.s3.amazonaws.com";
        context.Request.Headers.Range = "bytes=0-9";
        context.Request.Headers["x-amz-date"] = "20130524T000000Z";
        context.Request.Headers["x-amz-content-sha256"] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        context.Request.Headers.Authorization = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            + $"SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature={signature}";
        Assert.Equal(refusal, SignatureV4.Refuse(context.Request, [], "us-east-1", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"));
    }
}
