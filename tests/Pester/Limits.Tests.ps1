#Requires -Version 7.4

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
}

Describe 'A line that is too long' {
    BeforeEach {
        $place = Open-AmpTestPlace
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'by -MaxLineBytes ends the run with an error that says what to do, and the next run is as ever' {
        $call = Get-AmpFakeCall $place 'init', 'line 50000', 'result done'
        $messages = Invoke-AmpAgent 'go' @call -MaxLineBytes 10000 -ErrorVariable errors -ErrorAction SilentlyContinue

        @($messages).Type | Should -Be 'system'
        $errors.Count | Should -Be 1
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'InvalidStreamJson,*'
        $errors[0].Exception.Message | Should -BeLike '*longer than 10000 bytes*'
        $errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*MaxLineBytes*'

        @(Invoke-AmpAgent 'go' @call).Type | Should -Be 'system', 'assistant', 'result'
    }

    It 'must be allowed at least one byte' {
        { Invoke-AmpAgent 'go' -MaxLineBytes 0 } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
    }
}
