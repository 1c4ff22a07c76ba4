using Crpbot.Datasets.Lake;
using Crpbot.Testing;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Crpbot.Engine.Tests.Datasets.Lake;

/// <summary>The loopback store, which runs everywhere and fails on request.</summary>
public class S3LakeTests : S3LakeSuite, IAsyncLifetime
{
    private S3StandIn _server = null!;

    internal override IS3Server Server => _server;

    public async Task InitializeAsync() => _server = await S3StandIn.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public void AnUploadThatBreaksHalfwayLeavesTheOldFileAndNoParts()
    {
        using ILakeStorage lake = Open();
        Put(lake, "a", "old");
        _server.Fault = context => Cut(context, context.Request.Query["partNumber"] == "2");
        Assert.Contains("cannot be reached", Assert.Throws<IOException>(() => Put(lake, "a", Bytes(1, 11 << 20))).Message, StringComparison.Ordinal);
        Assert.Equal("old", Get(lake, "a"));
        Assert.Equal(0, _server.OpenUploads);
        Assert.Contains(_server.Requests, request => request.StartsWith("DELETE ", StringComparison.Ordinal));
        Assert.Empty(Directory.EnumerateFiles(Scratch));
    }

    [Fact]
    public void PartsThatCannotBeGivenBackAreToldOf()
    {
        using ILakeStorage lake = Open();
        Put(lake, "a", "old");
        _server.Fault = context => Cut(context, context.Request.Query["partNumber"] == "2" || context.Request.Method == "DELETE");
        Assert.EndsWith("the parts that it had sent could not be given back", Assert.Throws<IOException>(() => Put(lake, "a", Bytes(1, 11 << 20))).Message, StringComparison.Ordinal);
        Assert.Equal("old", Get(lake, "a"));
        Assert.Equal([new LakeFile("a", 3)], lake.List(""));
    }

    [Fact]
    public void AnOverloadedStoreIsAskedAgain()
    {
        using ILakeStorage lake = Open();
        var seen = new HashSet<string>();
        _server.Fault = async context =>
        {
            if (!seen.Add($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}"))
                return false;
            await S3StandIn.FailAsync(context, 503, "SlowDown");
            return true;
        };
        Put(lake, "a", "x");
        Assert.Equal("x", Get(lake, "a"));
        Assert.Equal(["a"], lake.List("").Select(file => file.Key));
    }

    [Fact]
    public void AnOverloadedStoreThatStaysSoIsNamed()
    {
        using ILakeStorage lake = Open();
        _server.Fault = async context =>
        {
            await S3StandIn.FailAsync(context, 503, "SlowDown");
            return true;
        };
        Assert.Contains("answered 503 SlowDown: the store says SlowDown", Assert.Throws<IOException>(() => lake.List("")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ADownloadThatBreaksIsBegunAgain()
    {
        using ILakeStorage lake = Open();
        byte[] content = Bytes(3, 1 << 20);
        Put(lake, "a", content);
        int cuts = 0;
        _server.Fault = context => CutBody(context, context.Request.Method == "GET" && cuts++ == 0);
        Assert.Equal(content, GetBytes(lake, "a"));
        Assert.Equal(2, cuts);
    }

    [Fact]
    public void ADownloadThatAlwaysBreaksFailsAndLeavesNoCopy()
    {
        using ILakeStorage lake = Open();
        Put(lake, "a", Bytes(3, 1 << 20));
        _server.Fault = context => CutBody(context, context.Request.Method == "GET");
        // A reset may overtake the answer's first bytes.
        Assert.Matches("the download broke 2 times|cannot be reached", Assert.Throws<IOException>(() => lake.Fetch("a")).Message);
        Assert.Empty(Directory.EnumerateFiles(Scratch));
    }

    [Fact]
    public void ADownloadThatStallsIsBrokenOff()
    {
        using S3Lake lake = Open(Location, Server.Connection() with { Stall = TimeSpan.FromMilliseconds(50) });
        Put(lake, "a", "x");
        using var end = new ManualResetEventSlim();
        _server.Fault = async context =>
        {
            if (context.Request.Method != "GET")
                return false;
            context.Response.ContentLength = 10;
            await context.Response.WriteAsync("12345");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };
        Assert.Contains("the download broke 2 times", Assert.Throws<IOException>(() => lake.Fetch("a")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(11 << 20)]
    public void DamageInTheStoreIsFound(int length)
    {
        using ILakeStorage lake = Open();
        Put(lake, "a", Bytes(5, length));
        _server.Damage(Location[$"s3://{Server.Bucket}/".Length..] + "/a");
        // The SDK compares the MD5 of a file that was put whole; one in parts has none.
        Assert.Matches("the download broke 2 times: (the content is not the one its SHA-256 was taken of|Expected hash not equal to calculated hash)",
            Assert.Throws<IOException>(() => lake.Fetch("a")).Message);
        Assert.Empty(Directory.EnumerateFiles(Scratch));
    }

    [Fact]
    public void AFolderMarkOfAConsoleIsNoFile()
    {
        using ILakeStorage lake = Open();
        Put(lake, "a/b", "x");
        Put(lake, "a/", "");
        Assert.Equal(["a/b"], lake.List("").Select(file => file.Key));
    }

    [Fact]
    public void ALakeIsReadWithTheRequestsThatTheDocumentationCounts()
    {
        using ILakeStorage lake = Open();
        _server.Requests.Clear();
        Put(lake, "a", "x");
        Assert.Single(_server.Requests);
        Put(lake, "b", Bytes(1, 11 << 20));
        Assert.Equal(1 + 5, _server.Requests.Count);
        Get(lake, "a");
        lake.Find("a");
        Assert.Equal(1 + 5 + 2, _server.Requests.Count);
    }

    private static Task<bool> Cut(HttpContext context, bool now)
    {
        if (now)
            context.Abort();
        return Task.FromResult(now);
    }

    private static async Task<bool> CutBody(HttpContext context, bool now)
    {
        if (!now)
            return false;
        context.Response.ContentLength = 1 << 20;
        await context.Response.Body.WriteAsync(new byte[1000]);
        await context.Response.Body.FlushAsync();
        context.Abort();
        return true;
    }
}
