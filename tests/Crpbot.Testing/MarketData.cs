using Xunit;

namespace Crpbot.Testing;

/// <summary>Finds the folder of real market data: <c>CRPBOT_DATA</c>, or <c>shared/data</c> beside the checkout.</summary>
public static class MarketData
{
    private static readonly string? Root = FindRoot();

    /// <summary>The repository's root folder.</summary>
    public static string RepositoryRoot { get; } = FindUpwards(AppContext.BaseDirectory, folder => File.Exists(System.IO.Path.Combine(folder, "Crpbot.sln")))
        ?? throw new InvalidOperationException("Crpbot.sln is in no folder above the test");

    public static bool Has(string relativePath) => Root is not null && System.IO.Path.Exists(System.IO.Path.Combine(Root, relativePath));

    public static string Path(string relativePath) =>
        System.IO.Path.Combine(Root ?? throw new InvalidOperationException("no market data folder; use [MarketDataFact]"), relativePath);

    /// <summary>A program in the <c>tools</c> folder beside the data; null where it is absent.</summary>
    public static string? Tool(string name) =>
        Root is not null && System.IO.Path.GetFullPath(System.IO.Path.Combine(Root, "..", "tools", name)) is { } path && File.Exists(path) ? path : null;

    private static string? FindRoot()
    {
        string? named = Environment.GetEnvironmentVariable("CRPBOT_DATA");
        if (!string.IsNullOrEmpty(named))
            return Directory.Exists(named) ? named : null;
        string? above = FindUpwards(AppContext.BaseDirectory, folder => Directory.Exists(System.IO.Path.Combine(folder, "shared", "data")));
        return above is null ? null : System.IO.Path.Combine(above, "shared", "data");
    }

    private static string? FindUpwards(string start, Func<string, bool> isIt)
    {
        for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
        {
            if (isIt(folder.FullName))
                return folder.FullName;
        }

        return null;
    }
}

/// <summary>A test that needs files of real market data, and is skipped with a reason where they are absent.</summary>
public sealed class MarketDataFactAttribute : FactAttribute
{
    public MarketDataFactAttribute(params string[] files)
    {
        foreach (string file in files)
        {
            if (!MarketData.Has(file))
                Skip = $"market data '{file}' is absent; set CRPBOT_DATA to its folder";
        }
    }
}

/// <summary>As <see cref="MarketDataFactAttribute"/>, for theories.</summary>
public sealed class MarketDataTheoryAttribute : TheoryAttribute
{
    public MarketDataTheoryAttribute(params string[] files)
    {
        foreach (string file in files)
        {
            if (!MarketData.Has(file))
                Skip = $"market data '{file}' is absent; set CRPBOT_DATA to its folder";
        }
    }
}
