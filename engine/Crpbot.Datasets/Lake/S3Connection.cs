using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace Crpbot.Datasets.Lake;

/// <summary>How an object store is reached.</summary>
public sealed record S3Connection
{
    /// <summary>Of an S3-compatible server; null for AWS itself.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Null: as the profile or the machine says.</summary>
    public string? Region { get; init; }

    /// <summary>Null: the SDK's chain of environment, profile, container and instance roles.</summary>
    internal AWSCredentials? Credentials { get; init; }

    /// <summary>A file up to this length is put in one request, a longer one in parts of it. Bytes; stores accept no part below 5 MiB but the last.</summary>
    public int PartBytes { get; init; } = 16 << 20;

    /// <summary>How often a request, or the download of a file, is tried in all.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>A download that brings no byte for so long is broken off, and counts as an attempt.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Where drafts and copies stand while they are open: <c>CRPBOT_SCRATCH</c>, or the folder for temporary files.</summary>
    public string Scratch { get; init; } = Path.GetTempPath();

    /// <summary>As the tools of AWS understand their environment: <c>AWS_ENDPOINT_URL_S3</c> or <c>AWS_ENDPOINT_URL</c> for another server than AWS,
    /// <c>AWS_REGION</c> or <c>AWS_DEFAULT_REGION</c>, <c>AWS_MAX_ATTEMPTS</c>; credentials by the SDK's chain.</summary>
    public static S3Connection FromEnvironment()
    {
        var connection = new S3Connection { Endpoint = Variable("AWS_ENDPOINT_URL_S3") ?? Variable("AWS_ENDPOINT_URL"), Region = Variable("AWS_REGION") ?? Variable("AWS_DEFAULT_REGION") };
        if (Variable("AWS_MAX_ATTEMPTS") is { } attempts)
        {
            connection = connection with
            {
                Attempts = int.TryParse(attempts, out int number) && number > 0 ? number : throw new FormatException($"AWS_MAX_ATTEMPTS '{attempts}' is no number above 0"),
            };
        }

        return Variable("CRPBOT_SCRATCH") is { } scratch ? connection with { Scratch = scratch } : connection;
    }

    /// <exception cref="FormatException">The endpoint is no address.</exception>
    /// <exception cref="IOException">No region, or no credentials.</exception>
    internal IAmazonS3 Open()
    {
        var config = new AmazonS3Config { RetryMode = RequestRetryMode.Standard, MaxErrorRetry = Attempts - 1, Timeout = TimeSpan.FromMinutes(5) };
        if (Endpoint is { } endpoint)
        {
            if (!Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
                throw new FormatException($"AWS_ENDPOINT_URL '{endpoint}' is no http or https address");
            // Other servers than AWS rarely have a host name for each bucket; a signature names some region all the same.
            (config.ServiceURL, config.ForcePathStyle, config.AuthenticationRegion) = (endpoint, true, Region ?? "us-east-1");
        }
        else if (Region is { } region)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }
        else if (config.RegionEndpoint is null)
        {
            throw new IOException("nothing says in which region the bucket is; set AWS_REGION (or AWS_ENDPOINT_URL for another server than AWS)");
        }

        try
        {
            return Credentials is null ? new AmazonS3Client(config) : new AmazonS3Client(Credentials, config);
        }
        catch (Exception error) when (error is AmazonServiceException or AmazonClientException)
        {
            throw S3Errors.NoCredentials(error);
        }
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
