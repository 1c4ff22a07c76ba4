using System.Diagnostics;
using Amazon.S3;
using Crpbot.Datasets.Lake;
using Crpbot.Testing;

namespace Crpbot.Engine.Tests.Datasets.Lake;

/// <summary>OpenStack Swift with its S3 interface, as Debian packages it, in a process of its own.</summary>
internal sealed class SwiftServer : IS3Server, IDisposable
{
    private const string Python = "/usr/bin/python3";
    private readonly string _folder = Directory.CreateTempSubdirectory("crpbot-swift-").FullName;
    private readonly Process _process;

    private SwiftServer() => _process = Process.Start(new ProcessStartInfo(Python,
        [Path.Combine(Crpbot.Testing.MarketData.RepositoryRoot, "tests", "Crpbot.Engine.Tests", "Datasets", "Lake", "swift-s3.py"), _folder, Region, AccessKey, SecretKey])
    { RedirectStandardInput = true, RedirectStandardOutput = true })!;

    /// <summary>Why it cannot run here; null where it can.</summary>
    public static string? Absent { get; } = Directory.Exists("/usr/lib/python3/dist-packages/swift")
        ? null : "OpenStack Swift is absent; tests/run.sh installs it where it may (Debian's python3-swift)";

    public string Endpoint { get; private set; } = "";

    public string Region => "eu-test-1";

    public string AccessKey => "test:lake";

    public string SecretKey => "a/secret+of=swift";

    public string Bucket => "lake-bucket";

    public static async Task<SwiftServer> StartAsync()
    {
        var server = new SwiftServer();
        try
        {
            string port = await server._process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)) ?? throw new InvalidOperationException("Swift ended before it answered");
            server.Endpoint = $"http://127.0.0.1:{port}";
            using IAmazonS3 client = server.Connection().Open();
            await client.PutBucketAsync(server.Bucket);
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
