namespace Crpbot.Datasets.Download;

/// <summary>How hard a service may be pressed and how long it is waited for. The defaults are those of Tardis' own clients.</summary>
internal sealed record DownloadLimits
{
    /// <summary>Parallel downloads; null: 20 dataset files, 60 slices, 4 days of candles.</summary>
    public int? Concurrency { get; init; }

    /// <summary>Attempts a file.</summary>
    public int Attempts { get; init; } = 30;

    /// <summary>Attempts at a service of which no answer ever came.</summary>
    public int AttemptsToReach { get; init; } = 4;

    /// <summary>The unit of the waits between attempts (2, 4, 8 … 120 of them); shorter in tests only.</summary>
    public TimeSpan WaitUnit { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A server that asks for a longer wait than this has refused.</summary>
    public TimeSpan RetryAfterMax { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>An attempt ends when no byte came for so long.</summary>
    public TimeSpan Inactivity { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Tardis allows an account 3,000 requests a minute, 9,000 on Business plans; all downloads share it.</summary>
    public int RequestsPerMinute { get; init; } = 3000;

    /// <summary>Coinbase allows 10 public requests a second.</summary>
    public int CoinbaseRequestsPerSecond { get; init; } = 10;

    /// <summary>Files in a row that fail after all attempts before the service is given up.</summary>
    public int FailuresInARow { get; init; } = 20;
}
