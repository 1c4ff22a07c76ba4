using TorchSharp;
using static TorchSharp.torch;

namespace Crpbot.Training.Learning;

/// <summary>Shape of the network.</summary>
internal sealed record LstmShape(int Inputs, int Hidden = 128, int Layers = 2, double Dropout = 0.3);

/// <summary>[B, T, F] → LSTM → last state → linear → one logit [B]. No sigmoid: the loss applies it, once.</summary>
internal sealed class LstmNetwork : nn.Module<Tensor, Tensor>
{
    private readonly TorchSharp.Modules.LSTM lstm;
    private readonly TorchSharp.Modules.Linear head;

    public LstmNetwork(LstmShape shape)
        : base(nameof(LstmNetwork))
    {
        Shape = shape;
        lstm = nn.LSTM(shape.Inputs, shape.Hidden, numLayers: shape.Layers, batchFirst: true, dropout: shape.Layers > 1 ? shape.Dropout : 0);
        head = nn.Linear(shape.Hidden, 1);
        RegisterComponents();
    }

    public LstmShape Shape { get; }

    public override Tensor forward(Tensor input)
    {
        (Tensor output, Tensor _, Tensor _) = lstm.call(input, null);
        return head.call(output[TensorIndex.Colon, -1]).squeeze(1);
    }

    /// <summary>Copies the weights out.</summary>
    public LstmWeights CopyWeights()
    {
        Dictionary<string, Tensor> state = state_dict();
        float[] Get(string name) => state[name].detach().contiguous().data<float>().ToArray();
        LstmLayer[] layers = [.. Enumerable.Range(0, Shape.Layers).Select(layer => new LstmLayer(
            layer == 0 ? Shape.Inputs : Shape.Hidden,
            Get($"lstm.weight_ih_l{layer}"), Get($"lstm.weight_hh_l{layer}"), Get($"lstm.bias_ih_l{layer}"), Get($"lstm.bias_hh_l{layer}")))];
        return new LstmWeights(Shape.Inputs, Shape.Hidden, layers, Get("head.weight"), Get("head.bias")[0]);
    }
}
