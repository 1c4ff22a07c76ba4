using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace Crpbot.Datasets;

/// <summary>One of n parts of a job. Which partition belongs to which part depends on the partition's name alone, on every machine.</summary>
/// <remarks>The rule: XxHash3-64 of the UTF-8 partition key <c>venue/type/symbol/yyyy-MM-dd</c>, modulo <see cref="Count"/>, is <see cref="Index"/>.</remarks>
public sealed record Sharding
{
    /// <summary>The whole job in one part.</summary>
    public static readonly Sharding All = new(0, 1);

    private Sharding(int index, int count) => (Index, Count) = (index, count);

    /// <summary>0-based, below <see cref="Count"/>.</summary>
    public int Index { get; }

    /// <summary>At least 1.</summary>
    public int Count { get; }

    /// <summary>Parses <c>i/n</c>, e.g. <c>0/4</c> to <c>3/4</c>.</summary>
    /// <exception cref="FormatException">Not two whole numbers with 0 ≤ i &lt; n.</exception>
    public static Sharding Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0
            && int.TryParse(text.AsSpan(0, slash), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && index < count
            ? new Sharding(index, count)
            : throw new FormatException($"shard '{text}': expected i/n with 0 <= i < n, such as 0/4 for the first of four");
    }

    /// <summary>The name that decides where a partition belongs.</summary>
    public static string PartitionKey(string venue, string type, string symbol, DateOnly day) =>
        string.Create(CultureInfo.InvariantCulture, $"{venue}/{type}/{symbol}/{day:yyyy-MM-dd}");

    /// <summary>True when this part is to do the partition.</summary>
    public bool Owns(string partitionKey)
    {
        ArgumentNullException.ThrowIfNull(partitionKey);
        return Count == 1 || XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(partitionKey)) % (ulong)Count == (ulong)Index;
    }

    /// <summary>Of a short list every n-th: equal lists are cut alike everywhere, and more evenly than by a hash of few names.</summary>
    public IReadOnlyList<T> EveryNthOf<T>(IReadOnlyList<T> all) => [.. all.Where((_, i) => i % Count == Index)];

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index}/{Count}");
}
