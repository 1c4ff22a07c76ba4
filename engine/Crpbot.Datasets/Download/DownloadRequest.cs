namespace Crpbot.Datasets.Download;

/// <summary>Where data is downloaded from, and in which form.</summary>
internal enum DownloadSource
{
    /// <summary>Tardis' CSV files.</summary>
    TardisDatasets,

    /// <summary>Tardis' raw messages.</summary>
    TardisFeeds,

    /// <summary>Coinbase's candles.</summary>
    CoinbaseCandles,
}

/// <summary>What a download is asked for.</summary>
/// <param name="Exchange">Tardis' exchange id.</param>
/// <param name="Types">Data types; of raw messages they only choose channels.</param>
/// <param name="Channels">Of raw messages, in place of those that the types choose; may be empty.</param>
/// <param name="From">UTC.</param>
/// <param name="To">Exclusive.</param>
/// <param name="Lake">The lake's folder.</param>
/// <param name="SliceSize">Minutes a slice; null follows the service.</param>
internal sealed record DownloadRequest(
    DownloadSource Source, string Exchange, IReadOnlyList<string> Types, IReadOnlyList<string> Channels, IReadOnlyList<string> Symbols,
    DateTime From, DateTime To, string Lake, Sharding Shard, int? SliceSize)
{
    /// <exception cref="FormatException">Says which value cannot be used and what is expected.</exception>
    public void Validate()
    {
        if (From >= To)
            throw new FormatException($"--from {From:yyyy-MM-ddTHH:mmZ} is not before --to {To:yyyy-MM-ddTHH:mmZ}, which is exclusive");
        if (Symbols.Count == 0)
            throw new FormatException("--symbols: name at least one, such as BTC-USD");
        // These become names of folders and parts of addresses.
        foreach (string symbol in Symbols)
            Require(symbol.Length is > 0 and <= 100 && symbol[0] != '.' && !symbol.Any(IsForeign), "--symbols", symbol, "a symbol such as BTC-USD");
        bool isExchange = Exchange.Length > 0 && Exchange.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
        Require(isExchange, "--exchange", Exchange, "a Tardis exchange id such as coinbase");
        foreach (string type in Types)
            Require(type.Length > 0 && type.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'), "--types", type, "data types such as trades,incremental_book_L2");
        if (Source != DownloadSource.TardisFeeds && (From.TimeOfDay != TimeSpan.Zero || To.TimeOfDay != TimeSpan.Zero))
            throw new FormatException("--from, --to: files hold whole days, so give dates without a time");
        if (Source == DownloadSource.TardisDatasets && Types.Count == 0)
            throw new FormatException("--types: name at least one, such as trades,incremental_book_L2");
        if (Source == DownloadSource.TardisFeeds && Types.Count == 0 && Channels.Count == 0)
            throw new FormatException("--types or --channels: name at least one, such as --types trades");
        if (Source == DownloadSource.CoinbaseCandles && Exchange != RawLake.CandlesVenue)
            throw new FormatException("--source coinbase has the exchange coinbase only");
        if (SliceSize is { } size && (size is < 1 or > TardisFeeds.SliceSizeMax || 60 % size != 0))
            throw new FormatException($"--slice-size {size}: expected 1, 2, 3, 4, 5, 6 or 10 minutes, which divide the hour");
    }

    private static bool IsForeign(char c) => char.IsControl(c) || char.IsWhiteSpace(c) || c is '\\' or ',';

    private static void Require(bool holds, string option, string value, string expected)
    {
        if (!holds)
            throw new FormatException($"{option} '{value}': expected {expected}");
    }
}
