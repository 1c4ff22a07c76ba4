namespace Crpbot.Testing;

/// <summary>An object store that runs on this machine for the length of a test class.</summary>
public interface IS3Server
{
    string Endpoint { get; }

    string Region { get; }

    string AccessKey { get; }

    string SecretKey { get; }

    string Bucket { get; }
}
