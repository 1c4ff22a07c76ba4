using Crpbot.Testing;

namespace Crpbot.Engine.Tests.Datasets.Lake;

/// <summary>This process's environment, as a user sets it for a store, until disposed. Only tests of <see cref="S3LakeSuite"/>'s collection look at it.</summary>
internal sealed class S3Environment : IDisposable
{
    private readonly List<(string Name, string? Value)> _before = [];

    public S3Environment(IS3Server server, string scratch)
    {
        Set("AWS_ENDPOINT_URL", server.Endpoint);
        Set("AWS_REGION", server.Region);
        Set("AWS_ACCESS_KEY_ID", server.AccessKey);
        Set("AWS_SECRET_ACCESS_KEY", server.SecretKey);
        Set("CRPBOT_SCRATCH", scratch);
    }

    public void Dispose()
    {
        foreach ((string name, string? value) in _before)
            Environment.SetEnvironmentVariable(name, value);
    }

    private void Set(string name, string value)
    {
        _before.Add((name, Environment.GetEnvironmentVariable(name)));
        Environment.SetEnvironmentVariable(name, value);
    }
}
