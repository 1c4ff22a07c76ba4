using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using Amazon.S3;

namespace Crpbot.Datasets.Lake;

/// <summary>What a store's refusals mean to a user, in one line each.</summary>
internal static class S3Errors
{
    /// <summary>Null: not an error of the store's.</summary>
    public static Exception? Translate(Exception error, string name, string bucket, S3Connection connection)
    {
        string server = connection.Endpoint ?? "AWS";
        return error switch
        {
            AmazonS3Exception { ErrorCode: "NoSuchBucket" } => new IOException($"{name}: there is no bucket '{bucket}' at {server}; create it, or correct the location", error),
            AmazonS3Exception { ErrorCode: "NoSuchKey" } => new FileNotFoundException($"{name}: there is no such file", name, error),
            AmazonS3Exception { ErrorCode: "SignatureDoesNotMatch" } => Denied("the secret key does not belong to the access key; check AWS_SECRET_ACCESS_KEY"),
            AmazonS3Exception { ErrorCode: "InvalidAccessKeyId" } => Denied("it does not know the access key; check AWS_ACCESS_KEY_ID"),
            AmazonS3Exception { ErrorCode: "RequestTimeTooSkewed" } => Denied("this machine's clock is wrong"),
            AmazonS3Exception { ErrorCode: "ExpiredToken" or "InvalidToken" or "TokenRefreshRequired" } => Denied("the session token is no longer good; sign in again"),
            AmazonS3Exception { ErrorCode: "AuthorizationHeaderMalformed" or "PermanentRedirect" or "IllegalLocationConstraintException" } or AmazonS3Exception { StatusCode: HttpStatusCode.MovedPermanently } =>
                new IOException($"{name}: the bucket is not in region '{connection.Region ?? "us-east-1"}'; set AWS_REGION to its region ({error.Message})", error),
            AmazonS3Exception { StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized } =>
                Denied("access denied; s3:ListBucket, s3:GetObject, s3:PutObject and s3:AbortMultipartUpload are needed"),
            AmazonS3Exception service => new IOException($"{name}: {server} answered {(int)service.StatusCode} {service.ErrorCode}: {service.Message}", error),
            // An instance role is looked for at the first request only.
            AmazonServiceException or AmazonClientException when error.Message.Contains("credentials", StringComparison.OrdinalIgnoreCase) => NoCredentials(error),
            AmazonServiceException or AmazonClientException or HttpRequestException or HttpIOException or IOException { InnerException: SocketException } => new IOException($"{name}: {server} cannot be reached: {Innermost(error)}", error),
            OperationCanceledException => new IOException($"{name}: {server} did not answer in time", error),
            _ => null,
        };

        IOException Denied(string why) => new($"{name}: {server} refused it: {why}", error);
    }

    /// <summary>The SDK tells of each place it looked at, on many lines; a user needs to know where to put them.</summary>
    public static IOException NoCredentials(Exception error)
    {
        string? profile = Environment.GetEnvironmentVariable("AWS_PROFILE");
        string where = string.IsNullOrEmpty(profile) ? "" : $", also not in profile '{profile}'";
        return new IOException($"no AWS credentials were found{where}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile in AWS_PROFILE, or run under a role", error);
    }

    private static string Innermost(Exception error)
    {
        while (error.InnerException is { } inner)
            error = inner;
        return error.Message;
    }
}
