using System.Net;
using Crpbot.Datasets.Download;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Crpbot.Engine.Tests.Datasets.Download;

public class RetryRuleTests : DownloadFixture
{
    private static readonly RetryRule Rule = new(new DownloadLimits());

    [Theory]
    [InlineData(1, 503, 2)]
    [InlineData(2, 503, 4)]
    [InlineData(6, 503, 64)]
    [InlineData(7, 503, 120)]
    [InlineData(29, 503, 120)]
    [InlineData(3, 429, 68)]
    [InlineData(3, 500, 16)]
    public void TheWaitDoublesUpToTwoMinutesAMinuteMoreAfter429AndTwiceAfter500(int attempt, int status, double seconds)
    {
        var error = new ServiceException(Failure.Transient, "", (HttpStatusCode)status);
        Assert.Equal(TimeSpan.FromSeconds(seconds), Rule.Wait(attempt, error, chance: 0));
        Assert.Equal(TimeSpan.FromSeconds(seconds + (status == 500 ? 1 : 0.5)), Rule.Wait(attempt, error, chance: 1));
    }

    [Fact]
    public void WhatTheServerAsksForTakesThePlaceOfTheRule() =>
        Assert.Equal(TimeSpan.FromSeconds(7), Rule.Wait(9, new ServiceException(Failure.Transient, "", HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(7)), chance: 0));

    [Theory]
    [InlineData(429, "7", null, 7)]
    [InlineData(503, "7", null, 7)]
    [InlineData(429, "Thu, 02 Jan 2025 00:00:09 GMT", "Thu, 02 Jan 2025 00:00:00 GMT", 9)]
    [InlineData(429, "Thu, 02 Jan 2025 00:00:00 GMT", "Thu, 02 Jan 2025 00:00:09 GMT", 0)]
    [InlineData(429, "soon", null, null)]
    public async Task RetryAfterIsReadInSecondsAndAsADateByTheServersClock(int status, string value, string? date, int? seconds)
    {
        Server.Answer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = value;
            if (date is not null)
                context.Response.Headers.Date = date;
            return Task.FromResult(true);
        };
        using System.Threading.RateLimiting.RateLimiter pace = ServiceClient.Pace(1000, TimeSpan.FromSeconds(1));
        using var client = new ServiceClient(new Uri(Server.Address), null, Quick, pace);
        ServiceException error = await Assert.ThrowsAsync<ServiceException>(() => client.GetAsync(client.Locate("/x"), default));
        Assert.Equal(seconds is null ? null : TimeSpan.FromSeconds(seconds.Value), error.RetryAfter);
    }

    [Fact]
    public async Task AServerThatAsksForHoursHasRefused()
    {
        Server.Answer = context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "36000";
            return Task.FromResult(true);
        };
        DownloadReport report = await Run(Datasets(Day(2024, 1, 2), Day(2024, 1, 3)));
        Assert.Equal(0, report.Retries);
        Assert.Contains("600 minutes", Assert.Single(report.Ranges).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServerThatNamesAMomentIsLeftAloneByAllRequestsUntilThen()
    {
        AddDays("trades", "BTC-USD", Day(2024, 1, 1), 12);
        int refusals = 0;
        long free = 0;
        int early = 0;
        Server.Answer = context => Task.FromResult(false);
        byte[] second = Server.Files[DatasetAddress("trades", "BTC-USD", Day(2024, 1, 5))];
        Server.Files.Remove(DatasetAddress("trades", "BTC-USD", Day(2024, 1, 5)), out _);
        Server.Answer = async context =>
        {
            if (!context.Request.Path.Value!.EndsWith(".gz", StringComparison.Ordinal))
                return false;
            if (Interlocked.Increment(ref refusals) == 1)
            {
                Interlocked.Exchange(ref free, Environment.TickCount64 + 1000);
                context.Response.StatusCode = 429;
                context.Response.Headers.RetryAfter = "1";
                return true;
            }

            if (Environment.TickCount64 < Interlocked.Read(ref free) - 50)
                Interlocked.Increment(ref early);
            await context.Response.Body.WriteAsync(second);
            return true;
        };
        DownloadReport report = await Run(Datasets(Day(2024, 1, 1), Day(2024, 1, 13)));
        Assert.Equal((12, 2, 0), (report.Whole, refusals, early));
    }
}
