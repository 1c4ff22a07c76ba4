namespace Crpbot.Datasets;

/// <summary>Where the cells of a candle are; -1 for what there is not.</summary>
/// <param name="Time">The candle's begin, or its end.</param>
/// <param name="TimeOfDay">The clock to a date in <paramref name="Time"/>.</param>
/// <param name="TimeIsClose">The time column names the end.</param>
internal sealed record CandleColumns(int Time, int TimeOfDay, bool TimeIsClose, int Open, int High, int Low, int Close, int Volume, int Symbol)
{
    public static readonly CandleColumns None = new(-1, -1, false, -1, -1, -1, -1, -1, -1);

    /// <summary>Cells a row must have.</summary>
    public int Needed { get; } = 1 + new[] { Time, TimeOfDay, Open, High, Low, Close, Volume, Symbol }.Max();
}

/// <summary>Finds columns by the names that exchanges and data vendors give them.</summary>
internal static class CandleColumnNames
{
    // Names are compared without case, blanks and punctuation: "Open Time", open_time and <OPENTIME> are one.
    private static readonly string[] OpenTimes =
    [
        "opentime", "opentimestamp", "opendate", "opendatetime", "timeopen", "starttime", "startdate", "timestart", "periodstart", "timeperiodstart",
        "begin", "begintime", "candlebegintime", "start", "startat", "unix", "unixtime", "unixtimestamp", "epoch",
    ];

    private static readonly string[] Times =
    [
        "time", "timestamp", "ts", "t", "date", "datetime", "datetimeutc", "dateutc", "timeutc", "utc", "utctime", "timestamputc", "gmttime", "localtime",
        "timestampms", "timems", "timestampus", "timestampns", "timestamps", "day", "minute",
    ];

    private static readonly string[] CloseTimes =
        ["closetime", "closetimestamp", "closedate", "closedatetime", "timeclose", "endtime", "enddate", "timeend", "end", "periodend", "timeperiodend"];

    private static readonly string[][] Prices =
        [["open", "o", "openprice", "priceopen", "first"], ["high", "h", "highprice", "pricehigh", "max"],
            ["low", "l", "lowprice", "pricelow", "min"], ["close", "c", "closeprice", "priceclose", "last"]];

    private static readonly string[] PriceRoles = ["open", "high", "low", "close"];

    private static readonly string[] BaseVolumes =
        ["volume", "vol", "v", "basevolume", "volumebase", "basevol", "baseassetvolume", "volumefrom", "volumetraded", "volumecoin", "size"];

    private static readonly string[] OtherVolumes =
        ["quote", "turnover", "volumeto", "taker", "buy", "sell", "count", "trades", "tick", "weighted", "vwap", "notional"];

    private static readonly string[] QuoteAssets = ["usd", "usdt", "usdc", "busd", "fdusd", "tusd", "dai", "eur",
        "gbp", "jpy", "krw", "try", "brl", "aud", "cad", "chf", "ccy"];

    private static readonly string[] Symbols = ["symbol", "ticker", "pair", "instrument", "product", "productid", "asset", "coin", "market"];

    public static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    /// <summary>Whether a line names the prices, at least two of them.</summary>
    public static bool IsHeader(IReadOnlyList<string> names) => Prices.Count(role => names.Any(name => role.Contains(Plain(name)))) >= 2;

    /// <summary>Indices of open, high, low and close.</summary>
    /// <exception cref="InvalidDataException">One is not there, or twice.</exception>
    public static int[] FindPrices(string where, IReadOnlyList<string> names) =>
        [.. PriceRoles.Select((role, i) => FindOne(where, names, role, Prices[i]))];

    /// <summary>Columns that may hold the begin, likeliest first; those of the end are apart.</summary>
    public static (int[] Begins, int[] Ends) FindTimes(IReadOnlyList<string> names)
    {
        int[] Of(string[] known) => [.. Enumerable.Range(0, names.Count).Where(i => known.Contains(Plain(names[i])))];
        int[] begins = [.. Of(OpenTimes), .. Of(Times)];
        // Tables that were written with their index have no name over it.
        if (begins.Length == 0 && names.Count > 0 && Plain(names[0]) is "" or "unnamed0" or "index")
            begins = [0];
        return (begins, Of(CloseTimes));
    }

    public static bool IsOpenTime(string name) => OpenTimes.Contains(Plain(name));

    public static bool IsCloseTime(string name) => CloseTimes.Contains(Plain(name));

    public static int FindSymbol(IReadOnlyList<string> names) => FirstOf(names, Symbols);

    /// <summary>The column of a name that the user gave.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static int Find(string where, IReadOnlyList<string> names, string option, string wanted)
    {
        int[] found = [.. Enumerable.Range(0, names.Count).Where(i => Plain(names[i]) == Plain(wanted))];
        return found.Length == 1 ? found[0]
            : throw new InvalidDataException($"{where}: {option} {wanted} names {(found.Length == 0 ? "no column" : $"{found.Length} columns")} of '{string.Join(',', names)}'");
    }

    /// <summary>The volume in base units.</summary>
    /// <param name="symbol">Tells base from quote in names such as Volume BTC; null when unknown.</param>
    /// <exception cref="InvalidDataException">None or several may be meant.</exception>
    public static int FindVolume(string where, IReadOnlyList<string> names, string? symbol)
    {
        int plain = FirstOf(names, BaseVolumes);
        if (plain >= 0)
            return plain;
        (int Index, string Asset)[] named =
            [.. names.Select((name, i) => (i, AssetOf(Plain(name)))).Where(entry => entry.Item2 is not null).Select(entry => (entry.i, entry.Item2!))];
        if (named.Length == 0)
            throw new InvalidDataException($"{where}: there is no column volume in '{string.Join(',', names)}'; another name is given with --volume-column");
        string known = Plain(symbol ?? "");
        (int Index, string Asset)[] bases = [.. named.Where(entry => known.StartsWith(entry.Asset, StringComparison.Ordinal))];
        if (bases.Length == 0)
            bases = [.. named.Where(entry => !QuoteAssets.Contains(entry.Asset))];
        return bases.Length == 1
            ? bases[0].Index
            : throw new InvalidDataException($"{where}: which of {string.Join(", ", named.Select(entry => $"'{names[entry.Index]}'"))} counts the base asset? Choose with --volume-column");
    }

    /// <summary>BTC of Volume BTC or btc_volume; null where the name is no volume of one asset.</summary>
    private static string? AssetOf(string name)
    {
        string? asset = name.StartsWith("volume", StringComparison.Ordinal) ? name[6..] : name.EndsWith("volume", StringComparison.Ordinal) ? name[..^6]
            : name.StartsWith("vol", StringComparison.Ordinal) ? name[3..] : null;
        return string.IsNullOrEmpty(asset) || OtherVolumes.Any(other => name.Contains(other, StringComparison.Ordinal)) ? null : asset;
    }

    private static int FindOne(string where, IReadOnlyList<string> names, string role, string[] known)
    {
        int[] found = [.. Enumerable.Range(0, names.Count).Where(i => known.Contains(Plain(names[i])))];
        // "close" beside "last" is the close; only equal names are a riddle.
        int[] exact = [.. found.Where(i => Plain(names[i]) == role)];
        if (exact.Length == 1 || found.Length == 1)
            return exact.Length == 1 ? exact[0] : found[0];
        throw new InvalidDataException(found.Length == 0
            ? $"{where}: there is no column {role} in '{string.Join(',', names)}'"
            : $"{where}: {found.Length} columns may be {role} in '{string.Join(',', names)}'; name them in order with --columns");
    }

    private static int FirstOf(IReadOnlyList<string> names, string[] known)
    {
        foreach (string name in known)
        {
            for (int i = 0; i < names.Count; i++)
            {
                if (Plain(names[i]) == name)
                    return i;
            }
        }

        return -1;
    }
}
