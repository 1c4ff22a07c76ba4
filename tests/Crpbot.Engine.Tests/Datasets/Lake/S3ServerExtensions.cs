using Amazon.Runtime;
using Crpbot.Datasets.Lake;
using Crpbot.Testing;

namespace Crpbot.Engine.Tests.Datasets.Lake;

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
