using Crpbot.Features;
using Crpbot.Inference;
using Xunit;

namespace Crpbot.Engine.Tests.Inference;

public class ModelPackageTests
{
    [Fact]
    public void AGoodPackageLoadsAndMapsItsFeaturesToTheSchema()
    {
        using ModelPackage package = TinyModel.Load(TinyModel.Write());
        Assert.Equal([2, 0], package.Columns.ToArray());
        Assert.Empty(package.Warnings);
        Assert.Equal(5, package.Manifest.Label.HorizonBars);
    }

    [Theory]
    [InlineData("a name that no schema has", "features[0].name is 'lew'")]
    [InlineData("a name that another feature has", "featureHash is")]
    [InlineData("two names swapped", "featureHash is")]
    [InlineData("one name twice", "features[1].name 'low' stands there twice")]
    [InlineData("names and hash changed together", "metadata crpbot.feature_hash is")]
    public void AModelWithOneNameChangedIsRefused(string what, string expected)
    {
        static ModelManifest Rename(ModelManifest m, params string[] names) =>
            m with { Features = [.. m.Features.Zip(names, (feature, name) => feature with { Name = name })] };
        string folder = TinyModel.Write(manifest => what switch
        {
            "a name that no schema has" => Rename(manifest, "lew", "open"),
            "a name that another feature has" => Rename(manifest, "low", "high"),
            "two names swapped" => Rename(manifest, "open", "low"),
            "one name twice" => Rename(manifest, "low", "low"),
            _ => Rename(manifest, "close", "open") with { FeatureHash = FeatureSchema.HashOf(["close", "open"]) },
        });
        AssertRefused(folder, expected);
    }

    public static TheoryData<string> Damages => [.. ManifestDamages.Keys];

    private static readonly Dictionary<string, Func<ModelManifest, ModelManifest>> ManifestDamages = new()
    {
        ["format"] = m => m with { Format = 2 },
        ["schemaVersion"] = m => m with { SchemaVersion = FeatureSchema.Version + 1 },
        ["features is empty"] = m => m with { Features = [] },
        ["sequenceLength"] = m => m with { SequenceLength = 0 },
        ["missingPerFeatureMax"] = m => m with { MissingPerFeatureMax = 3 },
        ["label is CloseDirection and has a target"] = m => m with { Label = m.Label with { Target = PriceBarrier.Parse("2atr") } },
        ["label.stop"] = m => m with { Label = m.Label with { Kind = LabelKind.TripleBarrier, Target = PriceBarrier.Parse("2atr") } },
        ["label.target"] = m => m with { Label = m.Label with { Kind = LabelKind.TripleBarrier, Target = new PriceBarrier { Size = 0, Unit = BarrierUnit.Bps } } },
        ["label.horizonBars"] = m => m with { Label = m.Label with { HorizonBars = 0 } },
        ["calibration"] = m => m with { Calibration = m.Calibration with { A = -1 } },
        ["graph.file is '../model.onnx'"] = m => m with { Graph = m.Graph with { File = "../model.onnx" } },
        ["graph.file names other.onnx"] = m => m with { Graph = m.Graph with { File = "other.onnx" } },
        ["graph.sha256"] = m => m with { Graph = m.Graph with { Sha256 = new string('a', 64) } },
        ["the graph has no input 'window'"] = m => m with { Graph = m.Graph with { Input = "window" } },
        ["the graph has no output 'score'"] = m => m with { Graph = m.Graph with { Output = "score" } },
        ["golden.input has 5 values"] = m => m with { Golden = m.Golden with { Input = m.Golden.Input[..5] } },
        ["golden.rawScore"] = m => m with { Golden = m.Golden with { RawScore = m.Golden.RawScore + 0.001 } },
        ["golden.probabilityUp"] = m => m with { Golden = m.Golden with { ProbabilityUp = m.Golden.ProbabilityUp + 0.001 } },
        ["input 'sequence' is Single[-1,3,2], expected Single[-1,2,2]"] =
            m => m with { SequenceLength = 2, Golden = m.Golden with { Input = m.Golden.Input[..4] } },
        ["do not scale anything"] = m => m with { Features = [m.Features[0] with { Scale = 0 }, m.Features[1]] },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void EveryDamagedFieldIsNamed(string expected) => AssertRefused(TinyModel.Write(ManifestDamages[expected]), expected);

    [Fact]
    public void AGraphWithOneFlippedBitIsRefused()
    {
        string folder = TinyModel.Write();
        string file = Path.Combine(folder, "model.onnx");
        byte[] graph = File.ReadAllBytes(file);
        graph[^1] ^= 1;
        File.WriteAllBytes(file, graph);
        AssertRefused(folder, "graph.sha256");
    }

    [Fact]
    public void BytesThatAreNoGraphAreRefused() => AssertRefused(TinyModel.Write(graph: [1, 2, 3, 4]), "not a usable ONNX graph");

    [Fact]
    public void AnUnknownOrAbsentFieldIsRefusedWithItsName()
    {
        string folder = TinyModel.Write();
        string file = Path.Combine(folder, ModelManifest.FileName);
        string json = File.ReadAllText(file);
        File.WriteAllText(file, json.Replace("\"promoted\"", "\"promoded\"", StringComparison.Ordinal));
        AssertRefused(folder, "promoded");
        File.WriteAllText(file, json.Replace("\"promoted\": false,", "", StringComparison.Ordinal));
        AssertRefused(folder, "promoted");
        File.WriteAllText(file, json[..(json.Length / 2)]);
        AssertRefused(folder, "no model manifest");
        File.Delete(file);
        AssertRefused(folder, "there is no model manifest here");
    }

    [Fact]
    public void AMissingGraphIsRefused()
    {
        string folder = TinyModel.Write();
        File.Delete(Path.Combine(folder, "model.onnx"));
        AssertRefused(folder, "graph.file names model.onnx");
    }

    private static void AssertRefused(string folder, string expected)
    {
        InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => TinyModel.Load(folder));
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(folder, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }
}
