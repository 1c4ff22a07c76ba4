using System.Text.Json;
using System.Text.RegularExpressions;
using Crpbot.Testing;
using Xunit;

namespace Crpbot.Repository.Tests;

/// <summary>The documents are true: what they link exists, and the README's commands are the ones that run.</summary>
public partial class DocumentTests
{
    public static TheoryData<string> Documents =>
        [.. new[] { ".", "codecs", "engine", "native-models", "bench", "tests" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(MarketData.RepositoryRoot, folder), "*.md",
                folder == "." ? SearchOption.TopDirectoryOnly : SearchOption.AllDirectories))
            .Where(file => !file.Contains("/bin/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(MarketData.RepositoryRoot, file))];

    [Theory]
    [MemberData(nameof(Documents))]
    public void EveryLinkToAFileLeadsToOne(string document)
    {
        string path = Path.Combine(MarketData.RepositoryRoot, document);
        foreach (Match link in Link().Matches(File.ReadAllText(path)))
        {
            string target = link.Groups[1].Value.Split('#')[0];
            if (target.Length == 0 || target.Contains("://", StringComparison.Ordinal))
                continue;
            Assert.True(Path.Exists(Path.Combine(Path.GetDirectoryName(path)!, target)), $"{document} links {target}, which does not exist");
        }
    }

    [Fact]
    public void TheReadmeTellsTheTestCommandThatTheIntegrationRuns()
    {
        string readme = File.ReadAllText(Path.Combine(MarketData.RepositoryRoot, "README.md"));
        Assert.Contains("bash tests/run.sh", readme, StringComparison.Ordinal);
        Assert.Contains("bash tests/run.sh", File.ReadAllText(Path.Combine(MarketData.RepositoryRoot, ".ci", "run")), StringComparison.Ordinal);
    }

    [Fact]
    public void TheReadmesMapNamesEveryTopFolder()
    {
        string readme = File.ReadAllText(Path.Combine(MarketData.RepositoryRoot, "README.md"));
        foreach (string folder in new[] { "codecs/", "engine/", "native-models/", "bench/", "tests/" })
            Assert.Contains(folder, readme, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("bench/README.md")]
    public void TheTablesTellTheMeasuredFiguresAndNoOthers(string document)
    {
        string[] rows = [.. File.ReadAllLines(Path.Combine(MarketData.RepositoryRoot, document))
            .SkipWhile(line => line != "<!-- figures:begin -->").TakeWhile(line => line != "<!-- figures:end -->")
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1)];
        using JsonDocument file = JsonDocument.Parse(File.ReadAllText(Path.Combine(MarketData.RepositoryRoot, "bench", "results", "figures.json")));
        JsonElement[] figures = [.. file.RootElement.GetProperty("figures").EnumerateArray()];
        Assert.Equal(figures.Length, rows.Length);
        for (int i = 0; i < rows.Length; i++)
            Assert.StartsWith($"| {figures[i].GetProperty("path").GetString()} | {figures[i].GetProperty("measured").GetString()} | {figures[i].GetProperty("goal").GetString()} |", rows[i], StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
