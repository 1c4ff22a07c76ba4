using Crpbot.Inference;
using Crpbot.Training.Learning;
using Crpbot.Training.Onnx;
using Crpbot.Training.Torch;
using TorchSharp;
using Xunit;

namespace Crpbot.Training.Tests.Onnx;

public class OnnxExporterTests
{
    [Theory]
    [InlineData(53, 128, 2, 60, 1)]
    [InlineData(53, 128, 2, 60, 3)]
    [InlineData(33, 128, 2, 60, 1)]
    [InlineData(4, 5, 1, 7, 2)]
    [InlineData(3, 6, 3, 9, 1)]
    public void TorchTheGraphAndThePlainCodeAgree(int features, int hidden, int layers, int length, int batch)
    {
        TorchRuntime.Prepare();
        torch.manual_seed(3);
        using var network = new LstmNetwork(new LstmShape(features, hidden, layers));
        network.eval();
        LstmWeights weights = network.CopyWeights();
        using var model = new OnnxModel(OnnxExporter.Export(weights, length, "hash"), OnnxExporter.InputName, OnnxExporter.OutputName, length, features, batch);
        var random = new Random(4);
        for (int i = 0; i < model.Input.Length; i++)
            model.Input[i] = (random.NextSingle() + random.NextSingle() - 1) * 3;
        model.Run();

        using torch.Tensor input = torch.tensor(model.Input.ToArray(), [batch, length, features]);
        using var inference = torch.no_grad();
        using torch.Tensor logits = network.call(input);
        for (int b = 0; b < batch; b++)
        {
            Assert.Equal(logits[b].item<float>(), model.Output[b], 1e-5);
            Assert.Equal(ReferenceLstm.Evaluate(weights, model.Input.Slice(b * length * features, length * features)), model.Output[b], 1e-5);
        }
    }

    [Fact]
    public void TheLogisticGraphReadsTheNewestBarOnly()
    {
        byte[] graph = OnnxExporter.Export(new LogisticWeights([1, -2], 0.5f), 3, "hash", new Dictionary<string, string> { ["crpbot.data"] = "x" });
        using var model = new OnnxModel(graph, OnnxExporter.InputName, OnnxExporter.OutputName, 3, 2, batch: 2);
        float[] input = [9, 9, 9, 9, 1, 2, /**/ 7, 7, 7, 7, 3, -1];
        input.CopyTo(model.Input);
        model.Run();
        Assert.Equal([-2.5f, 5.5f], model.Output.ToArray());
        Assert.Equal("hash", model.Metadata[ModelPackage.FeatureHashKey]);
        Assert.Equal("x", model.Metadata["crpbot.data"]);
    }
}
