using Crpbot.Datasets;

namespace Crpbot.Cli;

/// <summary>One part of a job over a short list that several machines share: <c>i/n</c>, counted from 0 as everywhere.</summary>
internal readonly record struct Shard(int Index, int Count)
{
    public static readonly Shard Whole = new(0, 1);

    /// <exception cref="FormatException">The text is no shard.</exception>
    public static Shard Parse(string text)
    {
        var shard = Sharding.Parse(text);
        return new Shard(shard.Index, shard.Count);
    }

    /// <summary>Every n-th of an ordered list: equal lists are cut alike everywhere, and more evenly than by a hash of few names.</summary>
    public IReadOnlyList<T> Of<T>(IReadOnlyList<T> all)
    {
        (int index, int count) = this;
        return [.. all.Where((_, i) => i % count == index)];
    }
}
