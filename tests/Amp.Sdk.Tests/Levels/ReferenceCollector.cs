using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Amp.Sdk.Tests.Levels;

/// <summary>Hands on every type of the assembly that a token, a signature or a body names, whatever is built of it: arrays, generics, pointers.</summary>
internal sealed class ReferenceCollector(MetadataReader code, Action<TypeDefinitionHandle> found) : ISignatureTypeProvider<bool, object?>
{
    private static readonly Dictionary<int, OperandType> s_operands = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value & 0xFFFF, code => code.OperandType);

    public void AddToken(EntityHandle token)
    {
        switch (token.Kind)
        {
            case HandleKind.TypeDefinition:
                found((TypeDefinitionHandle)token);
                break;
            case HandleKind.TypeSpecification when !token.IsNil:
                code.GetTypeSpecification((TypeSpecificationHandle)token).DecodeSignature(this, null);
                break;
            case HandleKind.MethodDefinition:
                found(code.GetMethodDefinition((MethodDefinitionHandle)token).GetDeclaringType());
                break;
            case HandleKind.FieldDefinition:
                found(code.GetFieldDefinition((FieldDefinitionHandle)token).GetDeclaringType());
                break;
            case HandleKind.MemberReference:
                AddToken(code.GetMemberReference((MemberReferenceHandle)token).Parent);
                break;
            case HandleKind.MethodSpecification:
                MethodSpecification method = code.GetMethodSpecification((MethodSpecificationHandle)token);
                AddToken(method.Method);
                method.DecodeSignature(this, null);
                break;
            default:
                // What is another assembly's.
                break;
        }
    }

    public void AddConstraints(GenericParameterHandleCollection parameters)
    {
        foreach (GenericParameterConstraintHandle constraint in parameters.SelectMany(parameter => code.GetGenericParameter(parameter).GetConstraints()))
        {
            AddToken(code.GetGenericParameterConstraint(constraint).Type);
        }
    }

    public void AddBody(MethodBodyBlock body)
    {
        if (!body.LocalSignature.IsNil)
        {
            code.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(this, null);
        }

        foreach (ExceptionRegion region in body.ExceptionRegions)
        {
            if (!region.CatchType.IsNil)
            {
                AddToken(region.CatchType);
            }
        }

        BlobReader instructions = body.GetILReader();
        while (instructions.RemainingBytes > 0)
        {
            int instruction = instructions.ReadByte();
            OperandType operand = s_operands[instruction == 0xFE ? 0xFE00 | instructions.ReadByte() : instruction];
            if (operand is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
            {
                AddToken(MetadataTokens.EntityHandle(instructions.ReadInt32()));
            }
            else
            {
                int length = operand switch
                {
                    OperandType.InlineNone => 0,
                    OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                    OperandType.InlineVar => 2,
                    OperandType.InlineI8 or OperandType.InlineR => 8,
                    OperandType.InlineSwitch => instructions.ReadInt32() * 4,
                    _ => 4,
                };
                instructions.Offset += length;
            }
        }
    }

    bool ISimpleTypeProvider<bool>.GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
    {
        found(handle);
        return true;
    }

    bool ISignatureTypeProvider<bool, object?>.GetTypeFromSpecification(
        MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    // A type that is made of others has been seen when they have.
    bool ISimpleTypeProvider<bool>.GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => true;

    bool ISimpleTypeProvider<bool>.GetPrimitiveType(PrimitiveTypeCode typeCode) => true;

    bool ISZArrayTypeProvider<bool>.GetSZArrayType(bool elementType) => true;

    bool IConstructedTypeProvider<bool>.GetArrayType(bool elementType, ArrayShape shape) => true;

    bool IConstructedTypeProvider<bool>.GetByReferenceType(bool elementType) => true;

    bool IConstructedTypeProvider<bool>.GetGenericInstantiation(bool genericType, ImmutableArray<bool> typeArguments) => true;

    bool IConstructedTypeProvider<bool>.GetPointerType(bool elementType) => true;

    bool ISignatureTypeProvider<bool, object?>.GetFunctionPointerType(MethodSignature<bool> signature) => true;

    bool ISignatureTypeProvider<bool, object?>.GetGenericMethodParameter(object? genericContext, int index) => true;

    bool ISignatureTypeProvider<bool, object?>.GetGenericTypeParameter(object? genericContext, int index) => true;

    bool ISignatureTypeProvider<bool, object?>.GetModifiedType(bool modifier, bool unmodifiedType, bool isRequired) => true;

    bool ISignatureTypeProvider<bool, object?>.GetPinnedType(bool elementType) => true;
}
