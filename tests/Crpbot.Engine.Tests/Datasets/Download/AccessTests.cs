using Crpbot.Datasets.Download;
using Crpbot.Testing;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Crpbot.Engine.Tests.Datasets.Download;

/// <summary>Who sees the key, and what happens where it opens nothing.</summary>
public class AccessTests : DownloadFixture
{
    private static readonly DateTime From = Day(2024, 1, 15);

    [Fact]
    public async Task TheKeyGoesWithEveryRequestToItsOwnServiceAndIsNotInAnyAddress()
    {
        AddDays("trades", "BTC-USD", From, 3);
        await Run(Datasets(From, From.AddDays(3)));
        Assert.All(Server.Requests, request => Assert.Equal($"Bearer {Key}", request.Authorization));
        Assert.DoesNotContain(Server.Requests, request => (request.Path + request.Query).Contains(Key, StringComparison.Ordinal));
        Assert.DoesNotContain(Tree(), file => System.Text.Encoding.UTF8.GetString(file.Value).Contains(Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task WithoutAKeyThereIsNoAuthorizationHeaderAtAll()
    {
        AddDay("trades", "BTC-USD", From);
        Assert.Equal(1, (await Run(Datasets(From, From.AddDays(1)), key: null)).Whole);
        Assert.All(Server.Requests, request => Assert.Null(request.Authorization));
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task ARedirectToAnotherOriginIsFollowedWithoutTheKeyAndToTheSameOriginWithIt(int status)
    {
        await using TardisServer foreign = await TardisServer.StartAsync();
        AddDays("trades", "BTC-USD", From, 2);
        foreach ((string path, byte[] body) in Server.Files)
        {
            foreign.Files[path] = body;
            Server.Files["/v1/elsewhere" + path] = body;
        }

        Server.Files.Remove(DatasetAddress("trades", "BTC-USD", From), out _);
        Server.Files.Remove(DatasetAddress("trades", "BTC-USD", From.AddDays(1)), out _);
        Server.Answer = context =>
        {
            string path = context.Request.Path.Value!;
            if (!path.EndsWith(".gz", StringComparison.Ordinal))
                return Task.FromResult(false);
            context.Response.StatusCode = status;
            context.Response.Headers.Location = path.Contains("/15/", StringComparison.Ordinal) ? foreign.Address[..^3] + path : "/v1/elsewhere" + path;
            return Task.FromResult(true);
        };
        Assert.Equal(2, (await Run(Datasets(From, From.AddDays(2)))).Whole);
        SeenRequest abroad = Assert.Single(foreign.Requests);
        Assert.Null(abroad.Authorization);
        Assert.All(Server.Requests, request => Assert.Equal($"Bearer {Key}", request.Authorization));
        Assert.Contains(Server.Requests, request => request.Path.StartsWith("/v1/elsewhere", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RedirectsThatGoInCirclesAreNotFollowedForEver()
    {
        Server.Answer = context =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = context.Request.Path.Value!;
            return Task.FromResult(true);
        };
        DownloadReport report = await Run(Datasets(From, From.AddDays(1)));
        Assert.Contains("redirect", Assert.Single(report.Ranges).Reason, StringComparison.Ordinal);
        Assert.InRange(Server.Requests.Count, 2, 20);
    }

    [Fact]
    public async Task AServerThatRepeatsTheKeyIsNotQuoted()
    {
        Server.Refusals[DatasetAddress("trades", "BTC-USD", From)] = (401, $"Invalid key {Key} provided.");
        Server.Refusals["/v1/exchanges/coinbase"] = (401, $"Invalid key {Key} provided.");
        DownloadReport report = await Run(Datasets(From, From.AddDays(1)));
        Assert.Equal("401: Invalid key *** provided.", Assert.Single(report.Ranges).Reason);
        Assert.DoesNotContain(Key, Assert.Single(Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARangeRefusedAtBothEndsIsNotAskedForDayByDayButItsFreeDayIs()
    {
        DateTime free = Day(2024, 2, 1);
        for (int i = 0; i < 40; i++)
            Server.Refusals[DatasetAddress("trades", "BTC-USD", From.AddDays(i))] = (401, $"no access to {From.AddDays(i):yyyy-MM-dd}");
        AddDay("trades", "BTC-USD", free);
        Server.Refusals.Remove(DatasetAddress("trades", "BTC-USD", free), out _);
        DownloadReport report = await Run(Datasets(From, From.AddDays(40)));
        Assert.Equal((1, 39), (report.Whole, report.Failed));
        Assert.Equal(3, Server.Requests.Count(request => request.Path.EndsWith(".gz", StringComparison.Ordinal)));
        Assert.Equal(4, report.Ranges.Count);
    }

    [Fact]
    public async Task WithoutAKeyOnlyFreeDaysAreAskedForAfterTheFirstRefusal()
    {
        AddDays("trades", "BTC-USD", Day(2024, 1, 1), 40);
        foreach (string address in Server.Files.Keys.Where(address => !address.Contains("/01/BTC", StringComparison.Ordinal)))
            Server.Refusals[address] = (401, "free days only");
        DownloadReport report = await Run(Datasets(Day(2024, 1, 1), Day(2024, 2, 10)), key: null);
        Assert.Equal((2, 38), (report.Whole, report.Failed));
        Assert.Equal(3, Server.Requests.Count(request => request.Path.EndsWith(".gz", StringComparison.Ordinal)));
        Assert.Contains("401: free days only; TARDIS_API_KEY is not set", report.Ranges.Select(range => range.Reason));
    }

    [Fact]
    public async Task APlanThatCoversOnePartOfTheRangeGivesThatPart()
    {
        AddDays("trades", "BTC-USD", From, 10);
        for (int i = 5; i < 10; i++)
            Server.Refusals[DatasetAddress("trades", "BTC-USD", From.AddDays(i))] = (401, "not in your plan");
        DownloadReport report = await Run(Datasets(From, From.AddDays(10)));
        Assert.Equal((5, 5), (report.Whole, report.Failed));
    }

    [Fact]
    public async Task AServiceThatIsNotThereIsGivenUpAtOnce()
    {
        using var closed = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        closed.Start();
        var address = new Uri($"http://127.0.0.1:{((System.Net.IPEndPoint)closed.LocalEndpoint).Port}/v1");
        closed.Stop();
        using var job = new DownloadJob(Datasets(From, From.AddDays(1000)), Addresses(null) with { Datasets = address }, Quick, dryRun: false);
        DownloadReport report = await job.RunAsync(default).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(1000, report.Failed);
        Assert.Equal(Quick.AttemptsToReach - 1, report.Retries);
    }

    [Theory]
    [InlineData("ftp://host")]
    [InlineData("http://user:secret@host/v1")]
    [InlineData("http://host/v1?key=secret")]
    [InlineData("host")]
    public void AnAddressThatIsNoneIsRefusedWithoutRepeatingIt(string text)
    {
        FormatException error = Assert.Throws<FormatException>(() => ServiceAddresses.Read(name => name == ServiceAddresses.ApiName ? text : null));
        Assert.Contains(ServiceAddresses.ApiName, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheKeyIsInNoTextOfTheAddressesAndABrokenOneIsRefusedWithoutRepeatingIt()
    {
        Assert.DoesNotContain(Key, ServiceAddresses.Read(name => name == ServiceAddresses.KeyName ? $" {Key}\n" : null).ToString(), StringComparison.Ordinal);
        FormatException error = Assert.Throws<FormatException>(() => ServiceAddresses.Read(name => name == ServiceAddresses.KeyName ? "sec ret" : null));
        Assert.DoesNotContain("sec ret", error.Message, StringComparison.Ordinal);
    }
}
