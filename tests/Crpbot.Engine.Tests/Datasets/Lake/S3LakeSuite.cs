using Crpbot.Datasets.Lake;
using Crpbot.Testing;
using Xunit;

namespace Crpbot.Engine.Tests.Datasets.Lake;

/// <summary>What every object store does besides: it refuses, and says why in one line.</summary>
[Collection(nameof(S3LakeSuite))]
public abstract class S3LakeSuite : LakeStorageSuite
{
    private readonly string _prefix = $"lakes/{Guid.NewGuid():N}";

    internal abstract IS3Server Server { get; }

    protected string Location => $"s3://{Server.Bucket}/{_prefix}";

    internal override ILakeStorage Open() => Open(Location, Server.Connection());

    internal S3Lake Open(string location, S3Connection connection) => new(S3Location.Parse(location), connection with { Scratch = Scratch });

    [LakeFact]
    public void AFilesCopyIsGoneAfterUseAndADraftAfterItsCommit()
    {
        using ILakeStorage lake = Open();
        Put(lake, "a", "x");
        Assert.Empty(Directory.EnumerateFiles(Scratch));
        using (lake.Fetch("a"))
            Assert.Single(Directory.EnumerateFiles(Scratch));
        Assert.Empty(Directory.EnumerateFiles(Scratch));
    }

    [LakeFact]
    public void ABucketWithoutAPrefixIsALake()
    {
        using ILakeStorage below = Open();
        Put(below, "a", "x");
        using S3Lake lake = Open($"s3://{Server.Bucket}", Server.Connection());
        Assert.Contains(new LakeFile($"{_prefix}/a", 1), lake.List("lakes/"));
        Assert.Equal("x", Get(lake, $"{_prefix}/a"));
    }

    [LakeFact]
    public void AWrongSecretIsRefused()
    {
        using S3Lake lake = Open(Location, Server.Connection("another"));
        foreach (string message in Refusals(lake))
            Assert.Matches("refused it: (the secret key does not belong to the access key|access denied)", message);
        Assert.Contains("check AWS_SECRET_ACCESS_KEY", Refusals(lake)[0], StringComparison.Ordinal);
    }

    [LakeFact]
    public void ASecretIsInNoMessage()
    {
        using S3Lake lake = Open(Location, Server.Connection("very-secret-words"));
        foreach (Action use in Uses(lake))
            Assert.DoesNotContain("very-secret-words", Assert.Throws<IOException>(use).ToString(), StringComparison.Ordinal);
    }

    [LakeFact]
    public void AMissingBucketIsToldByEveryUse()
    {
        using S3Lake lake = Open("s3://no-such-bucket/lake", Server.Connection());
        foreach (string message in Refusals(lake))
            Assert.Contains("there is no bucket 'no-such-bucket'", message, StringComparison.Ordinal);
    }

    [LakeFact]
    public void AWrongRegionIsRefusedWithAWordAboutRegions()
    {
        using S3Lake lake = Open(Location, Server.Connection() with { Region = "eu-west-9" });
        Assert.Contains("the bucket is not in region 'eu-west-9'; set AWS_REGION", Refusals(lake)[0], StringComparison.Ordinal);
    }

    [LakeFact]
    public void AServerThatIsGoneCannotBeReached()
    {
        using S3Lake lake = Open(Location, Server.Connection() with { Endpoint = "http://127.0.0.1:9", Attempts = 1 });
        foreach (string message in Refusals(lake))
            Assert.Contains("http://127.0.0.1:9 cannot be reached: ", message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Scratch));
    }

    [LakeFact]
    public void TheEnvironmentSaysHowTheStoreIsReached()
    {
        using var environment = new S3Environment(Server, Scratch);
        using ILakeStorage lake = LakeStorage.Open(Location);
        Put(lake, "a", "x");
        using LakeCopy copy = lake.Fetch("a");
        Assert.Equal(Scratch, Path.GetDirectoryName(copy.Path));
        Assert.Equal(Location, lake.Location);
    }

    protected static string[] Refusals(ILakeStorage lake) => [.. Uses(lake).Select(use => Assert.Throws<IOException>(use).Message).Select(message =>
    {
        Assert.DoesNotContain('\n', message);
        return message;
    })];

    private static Action[] Uses(ILakeStorage lake) => [() => lake.List(""), () => lake.Fetch("a"), () => Put(lake, "a", "x"), () => Put(lake, "a", Bytes(1, 6 << 20)), () => lake.Find("a")];
}

/// <summary>One server at a time: the two cores are shared.</summary>
[CollectionDefinition(nameof(S3LakeSuite))]
public class S3LakeCollection;

/// <summary>Swift, which Debian packages and clouds run.</summary>
[NeedsSwift]
public class SwiftLakeTests(SwiftLakeTests.Fixture fixture) : S3LakeSuite, IClassFixture<SwiftLakeTests.Fixture>
{
    internal override IS3Server Server => fixture.Server!;

    public sealed class Fixture : IAsyncLifetime
    {
        internal SwiftServer? Server { get; private set; }

        public async Task InitializeAsync() => Server = SwiftServer.Absent is null ? await SwiftServer.StartAsync() : null;

        public Task DisposeAsync()
        {
            Server?.Dispose();
            return Task.CompletedTask;
        }
    }
}
