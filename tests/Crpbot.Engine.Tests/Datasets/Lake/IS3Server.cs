using Amazon.Runtime;
using Crpbot.Datasets.Lake;

namespace Crpbot.Engine.Tests.Datasets.Lake;

/// <summary>An object store that runs on this machine for the length of a test class.</summary>
internal interface IS3Server
{
    string Endpoint { get; }

    string Region { get; }

    string AccessKey { get; }

    string SecretKey { get; }

    string Bucket { get; }
}

internal static class S3ServerExtensions
{
    /// <summary>How a test reaches the store; parts as small as stores allow, two attempts.</summary>
    public static S3Connection Connection(this IS3Server server, string? secretKey = null) => new()
    {
        Endpoint = server.Endpoint,
        Region = server.Region,
        Credentials = new BasicAWSCredentials(server.AccessKey, secretKey ?? server.SecretKey),
        PartBytes = 5 << 20,
        Attempts = 2,
    };
}
