using System.Runtime.InteropServices;
using Crpbot.Inference;
using Xunit;

namespace Crpbot.Engine.Tests.Inference;

public class OnnxModelTests
{
    private static readonly byte[] Graph = TinyModel.Graph("hash");

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void ABoundBatchGivesThePlainSum(int batch)
    {
        using var model = new OnnxModel(Graph, "sequence", "logit", 3, 2, batch);
        var random = new Random(5);
        for (int round = 0; round < 20; round++)
        {
            for (int i = 0; i < model.Input.Length; i++)
                model.Input[i] = random.NextSingle() * 4 - 2;
            model.Run();
            for (int b = 0; b < batch; b++)
            {
                double expected = TinyModel.Bias;
                for (int i = 0; i < 6; i++)
                    expected += (double)model.Input[b * 6 + i] * TinyModel.Weights[i];
                Assert.Equal(expected, model.Output[b], 1e-5);
            }
        }
    }

    [Fact]
    public void ACallAllocatesNothing()
    {
        using var model = new OnnxModel(Graph, "sequence", "logit", 3, 2);
        for (int i = 0; i < 300; i++)
            model.Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 2_000; i++)
        {
            model.Input[i % 6] = i;
            model.Run();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void AMissingProviderLibraryFallsBackToTheCpuAndSaysSo() =>
        AssertFallsBack(new ExecutionProvider("CUDAExecutionProvider", "/nowhere/libprovider.so"), "there is no library /nowhere/libprovider.so");

    [Fact]
    public void AFileThatIsNoLibraryFallsBackToTheCpuAndSaysSo()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "not a shared library");
        AssertFallsBack(new ExecutionProvider("CUDAExecutionProvider", file), "the CPU computes instead");
        AssertFallsBack(new ExecutionProvider("CUDAExecutionProvider", file), "the CPU computes instead"); // and again, once refused
        File.Delete(file);
    }

    [Fact]
    public void ALibraryThatIsNoProviderFallsBackToTheCpuAndSaysSo()
    {
        string system = RuntimeInformation.IsOSPlatform(OSPlatform.Linux) ? "/lib/x86_64-linux-gnu/libm.so.6" : "";
        if (File.Exists(system))
            AssertFallsBack(new ExecutionProvider("CUDAExecutionProvider", system), "the CPU computes instead");
    }

    [Theory]
    [InlineData("cpu", "cpu", null)]
    [InlineData("WebGpu=/opt/a=b.so", "WebGpu", "/opt/a=b.so")]
    public void AProviderIsReadFromText(string text, string name, string? library) =>
        Assert.Equal(new ExecutionProvider(name, library), ExecutionProvider.Parse(text));

    [Theory]
    [InlineData("cuda")]
    [InlineData("=x.so")]
    [InlineData("Cuda=")]
    public void AnUnreadableProviderIsMisuse(string text) => Assert.Throws<ArgumentException>(() => ExecutionProvider.Parse(text));

    private static void AssertFallsBack(ExecutionProvider provider, string reason)
    {
        using var model = new OnnxModel(Graph, "sequence", "logit", 3, 2, provider: provider);
        string warning = Assert.Single(model.Warnings);
        Assert.Contains(provider.Name, warning, StringComparison.Ordinal);
        Assert.Contains(reason, warning, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', warning);
        model.Input.Clear();
        model.Run();
        Assert.Equal(TinyModel.Bias, model.Output[0], 1e-6);
    }
}
