using System.Net;
using Polly;
using Polly.Retry;

namespace Crpbot.Datasets.Download;

/// <summary>The retry rule of Tardis' own clients, with <c>Retry-After</c> honoured in addition.</summary>
/// <remarks>
/// The wait after attempt n is min(2ⁿ, 120) units and up to half a unit of chance; 60 units more after 429, the whole twice after 500. A server's
/// <c>Retry-After</c> takes the place of that. 401, 403, 404 and 400 (but for one text) are not repeated.
/// </remarks>
internal sealed class RetryRule
{
    private const int DoublingsMax = 7;
    private const double UnitsMax = 120;
    private const double UnitsAfterTooMany = 60;
    private readonly DownloadLimits _limits;
    private readonly ResiliencePipeline _pipeline;
    private long _retries;

    public RetryRule(DownloadLimits limits)
    {
        _limits = limits;
        _pipeline = limits.Attempts < 2 ? ResiliencePipeline.Empty : new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = limits.Attempts - 1,
            ShouldHandle = arguments => ValueTask.FromResult(IsWorthAnotherAttempt(arguments.AttemptNumber + 1, arguments.Outcome.Exception)),
            DelayGenerator = arguments =>
                ValueTask.FromResult<TimeSpan?>(Wait(arguments.AttemptNumber + 1, arguments.Outcome.Exception, Random.Shared.NextDouble())),
            OnRetry = _ =>
            {
                Interlocked.Increment(ref _retries);
                return ValueTask.CompletedTask;
            },
        }).Build();
    }

    /// <summary>Attempts beyond the first, of all callers.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>Runs until it succeeds, fails for good or has failed too often; the last failure is thrown.</summary>
    /// <param name="attempt">Gets the number of the attempt, 1 first.</param>
    public async Task<T> RunAsync<T>(Func<int, CancellationToken, Task<T>> attempt, CancellationToken cancellation)
    {
        int number = 0;
        return await _pipeline.ExecuteAsync(async token => await attempt(++number, token).ConfigureAwait(false), cancellation).ConfigureAwait(false);
    }

    /// <param name="attempt">The one that failed, 1 first.</param>
    /// <param name="error">How it failed.</param>
    /// <param name="chance">0 to 1.</param>
    internal TimeSpan Wait(int attempt, Exception? error, double chance)
    {
        var failure = error as ServiceException;
        TimeSpan jitter = _limits.WaitUnit * (chance / 2);
        if (failure?.RetryAfter is { } asked)
            return asked + jitter;
        TimeSpan wait = _limits.WaitUnit * Math.Min(Math.Pow(2, Math.Min(attempt, DoublingsMax)), UnitsMax) + jitter;
        if (failure?.StatusCode == HttpStatusCode.TooManyRequests)
            wait += _limits.WaitUnit * UnitsAfterTooMany;
        return failure?.StatusCode == HttpStatusCode.InternalServerError ? wait * 2 : wait;
    }

    private bool IsWorthAnotherAttempt(int attempt, Exception? error) =>
        error is ServiceException { Failure: Failure.Transient } failure
        && (failure.RetryAfter is null || failure.RetryAfter <= _limits.RetryAfterMax)
        && (!failure.NeverReached || attempt < _limits.AttemptsToReach);
}
