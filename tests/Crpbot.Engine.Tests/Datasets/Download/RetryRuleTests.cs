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
    public async Task AServerThatNamesAMomentIsLeftAloneByOtherRequestsToo()
    {
        long free = 0;
        Server.Files["/v1/other"] = "{}"u8.ToArray();
        Server.Answer = context =>
        {
            Interlocked.Exchange(ref free, Environment.TickCount64 + 1000);
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "1";
            return Task.FromResult(true);
        };
        using System.Threading.RateLimiting.RateLimiter pace = ServiceClient.Pace(1000, TimeSpan.FromSeconds(1));
        using var client = new ServiceClient(new Uri(Server.Address), null, Quick, pace);
        await Assert.ThrowsAsync<ServiceException>(() => client.GetAsync(client.Locate("/busy"), default));
        using ServiceResponse response = await client.GetAsync(client.Locate("/other"), default);
        Assert.True(Environment.TickCount64 >= Interlocked.Read(ref free) - 50, "asked again before the moment that the server named");
    }
}
