#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $missing = Get-AmpTestGap MarchCli
    if (-not $missing -and -not (Get-Command git -CommandType Application -ErrorAction Ignore)) {
        $missing = ' (not run: git is not on PATH)'
    }

    $noNative = Get-AmpTestGap NativeCli
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $place = Open-AmpTestPlace
}

AfterAll {
    Close-AmpTestPlace $place
}

Describe "A review by the March CLI$missing" -Skip:([bool] $missing) {
    BeforeAll {
        $comment = '<comment><filename>{0}</filename><startLine>1</startLine><endLine>{1}</endLine><severity>high</severity>' +
            '<commentType>bug</commentType><text>{2}</text><why>Because.</why><fix>Undo it.</fix></comment>'
        $first = $comment -f (Join-Path $place.Project 'a.txt'), 2, "Two is wrong.`nAnd so is three."
        $second = $comment -f (Join-Path $place.Project 'b c.txt'), 1, 'Größer 😀'
        $service = Open-AmpLocalService $place @{
            rules = @(
                @{ when = @{ prompt = 'following in XML' }; answer = "<summary>`nCounts to two.`n`n- a point`n</summary>" }
                @{ when = @{ prompt = 'Emit your final report' }; answer = "<codeReview>$first$second</codeReview>" }
                @{ when = @{ prompt = 'look at nothing' }; answer = '<codeReview></codeReview>' }
                @{ answer = 'Looked at.' }
            )
        }
        $call = Get-AmpLocalCall $place $service
        Push-Location $place.Project
        git init -q
        Set-Content a.txt 1
        git add .
        git -c user.email=a@b -c user.name=a commit -qm one
        Set-Content a.txt 2
        Set-Content 'b c.txt' 3
        Pop-Location
    }

    It 'is refused without -DangerouslyAllowAll, which has to be typed in full' {
        { Invoke-AmpReview @call } | Should -Throw -ErrorId 'InvalidOption,*'
        { Invoke-AmpReview @call -Dangerously } | Should -Throw
    }

    It 'is an object with summary and comments' {
        $review = Invoke-AmpReview @call -DangerouslyAllowAll

        $review | Should -BeOfType [Amp.AmpReview]
        $review.Summary | Should -Be "Counts to two.`n`n- a point"
        $review.Comments.File | Should -Be 'a.txt', 'b c.txt'
        $review.Comments.Line | Should -Be 1, 1
        $review.Comments[0].Text | Should -Be "Two is wrong.`nAnd so is three."
        $review.Comments[1].Text | Should -Be 'Größer 😀'
        $review.Text | Should -Not -Match '\e'
    }

    It 'can be a summary alone' {
        $review = Invoke-AmpReview HEAD~1 -File a.txt, 'b c.txt' -Instruction 'be kind' -SummaryOnly @call -DangerouslyAllowAll

        $review.Summary | Should -Be "Counts to two.`n`n- a point"
        $review.Comments | Should -BeNullOrEmpty
    }

    It 'that fails is an error though the CLI exits with 0' {
        $fault = @{ error = @{ status = 400; message = 'no model today' } }
        $broken = Open-AmpLocalService $place @{ rules = @(@{ when = @{ prompt = 'following in XML' }; answer = $fault }, @{ answer = 'x' }) }
        $failing = Get-AmpLocalCall $place $broken
        { Invoke-AmpReview -SummaryOnly @failing -DangerouslyAllowAll } | Should -Throw '*no model today*' -ErrorId 'CliFailed,*'

        # It says nothing at all where it cannot even find the changes.
        $worse = Open-AmpLocalService $place @{ rules = @(@{ answer = $fault }) }
        $failing = Get-AmpLocalCall $place $worse
        { Invoke-AmpReview -SummaryOnly @failing -DangerouslyAllowAll } | Should -Throw -ErrorId 'CliFailed,*'
    }

    It 'outside of a repository is an error' {
        $elsewhere = $call.Clone()
        $elsewhere.WorkingDirectory = $place.Log
        { Invoke-AmpReview @elsewhere -DangerouslyAllowAll } | Should -Throw '*git*' -ErrorId 'CliFailed,*'
    }
}

Describe "A review by the native CLI$noNative" -Skip:([bool] $noNative) {
    It 'fails with its own words where the service cannot do it' {
        $service = Open-AmpLocalService $place
        $call = Get-AmpLocalCall $place $service
        $call.CliPath = (Get-AmpTestLayout).NativeCli
        { Invoke-AmpReview @call } | Should -Throw '*submit_review*' -ErrorId 'CliFailed,*'
        { Invoke-AmpReview -SummaryOnly @call } | Should -Throw -ErrorId 'UnsupportedByCli,*'
    }
}

Describe 'Invoke-AmpReview' {
    It 'starts nothing with -WhatIf' {
        $fake = Get-AmpFakeCall $place
        Invoke-AmpReview @fake -DangerouslyAllowAll -WhatIf
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'reads the JSON of later CLIs, and keeps fields that it does not know' {
        $help = Join-Path $place.Root 'help.txt'
        $json = '{"comments":[{"filename":"a.txt","startLine":3,"endLine":4,"severity":"high","text":"No.","why":"x"}],"files":[],"checks":[]}'
        $fake = Get-AmpFakeCall $place "if argument --json out $json" -Variable @{
            AMP_FAKE_HELP = $help
            XDG_CACHE_HOME = Join-Path $place.Root 'cache-json'
        }
        Set-Content -LiteralPath $help -Value 'Options:', '', '  -i, --instructions <text>', '      Text', '  --json', '      JSON', ''
        $review = Invoke-AmpReview @fake

        $review.Comments.File | Should -Be 'a.txt'
        $review.Comments[0].EndLine | Should -Be 4
        $review.Comments[0].Severity | Should -Be 'high'
        $review.Comments[0].AdditionalProperties.why | Should -Be 'x'
    }

    It 'is refused where the CLI has no review' {
        $fake = Get-AmpFakeCall $place -Variable @{
            AMP_FAKE_HELP = Join-Path (Get-AmpTestLayout).Root 'tests/Amp.FakeCli/help/2026-01-08.txt'
            XDG_CACHE_HOME = Join-Path $place.Root 'cache-january'
        }
        { Invoke-AmpReview @fake } | Should -Throw -ErrorId 'UnsupportedByCli,*'
    }
}
