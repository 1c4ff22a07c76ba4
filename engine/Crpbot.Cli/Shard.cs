using System.Globalization;

namespace Crpbot.Cli;

/// <summary>One part of a job that several machines share: <c>i/n</c>, counted from 1.</summary>
internal readonly record struct Shard(int Index, int Count)
{
    public static readonly Shard Whole = new(1, 1);

    /// <exception cref="UsageException">The text is no shard.</exception>
    public static Shard Parse(string text)
    {
        string[] parts = text.Split('/');
        return parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count) && index >= 1 && index <= count
            ? new Shard(index, count)
            : throw new UsageException($"--shard {text}: expected i/n with 1 <= i <= n, for instance 2/3");
    }

    /// <summary>Every n-th of an ordered list: equal lists are cut alike everywhere.</summary>
    public IReadOnlyList<T> Of<T>(IReadOnlyList<T> all)
    {
        (int index, int count) = this;
        return [.. all.Where((_, i) => i % count == index - 1)];
    }
}
